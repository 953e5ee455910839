using Aspire.Hosting.Running;
using Crispy.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Tests;

/// <summary>An application in the test's own process, in a folder of its own, whose console lines are kept.</summary>
public sealed class TestApp : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private DistributedApplication? _app;

    public TestApp(params string[] args)
    {
        Directory.CreateDirectory(Folder);
        Builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { Args = args, DisableDashboard = true, ProjectDirectory = Folder });
        Builder.Services.AddSingleton(new Display(Console));
    }

    public static string HostProject => Path.Combine(RepositoryRoot, "tests", "Aspire.Hosting.Tests", "Host", "Aspire.Hosting.Tests.Host.csproj");

    public static string RepositoryRoot
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "Crispy.sln"))) folder = Path.GetDirectoryName(folder)!;
            return folder;
        }
    }

    public string Folder => _folder["host"];

    public LineCollector Console { get; } = new();

    public IDistributedApplicationBuilder Builder { get; }

    public DistributedApplication App => _app ??= Builder.Build();

    public string PathOf(string name) => Path.Combine(Folder, name);

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        _folder.Dispose();
    }
}
