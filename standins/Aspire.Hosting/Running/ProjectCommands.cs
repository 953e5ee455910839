using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Running;

/// <summary>How to start a project's build output.</summary>
internal sealed record ProjectCommand(string Command, IReadOnlyList<string> Arguments, string WorkingDirectory);

/// <summary>
/// Finds the build output of projects, so that they start without <c>dotnet run</c>: one process less for each, and nothing is built at
/// every start. What is not built yet is built, one project after the other, and never twice at a time on this machine.
/// </summary>
internal sealed class ProjectCommands(DistributedApplicationOptions options, IConfiguration configuration, ProcessLauncher launcher, Display display)
{
    private readonly ConcurrentDictionary<string, Lazy<Task<ProjectCommand>>> _found = new();

    /// <summary>Asked once for each project, however many resources and replicas run it.</summary>
    /// <exception cref="DistributedApplicationException">It is not there, or cannot be built.</exception>
    public Task<ProjectCommand> FindAsync(string projectPath, CancellationToken cancellationToken) =>
        _found.GetOrAdd(projectPath, path => new(() => SearchAsync(path, cancellationToken))).Value;

    private async Task<ProjectCommand> SearchAsync(string projectPath, CancellationToken cancellationToken)
    {
        if (!File.Exists(projectPath)) throw new DistributedApplicationException($"there is no project {projectPath}");

        var properties = await PropertiesAsync(projectPath, cancellationToken).ConfigureAwait(false);
        if (!File.Exists(properties["TargetPath"])) await BuildAsync(projectPath, properties["TargetPath"], cancellationToken).ConfigureAwait(false);

        var folder = Path.GetDirectoryName(projectPath)!;
        var command = Programs.Find(properties["RunCommand"], folder) ?? throw new DistributedApplicationException($"the build of {projectPath} left no {properties["RunCommand"]}");
        var workingDirectory = properties["RunWorkingDirectory"] is { Length: > 0 } given ? Path.GetFullPath(given, folder) : folder;
        return new(command, CommandLine.Split(properties["RunArguments"]), workingDirectory);
    }

    private async Task<Dictionary<string, string>> PropertiesAsync(string projectPath, CancellationToken cancellationToken)
    {
        var known = new RememberedAnswer(ToolFolder.Of(configuration, "run-commands"), projectPath, options.BuildConfiguration);
        if (known.Read() is { } remembered) return Parse(remembered);

        var answer = await AskAsync(projectPath, cancellationToken).ConfigureAwait(false);
        var properties = Parse(answer);
        known.Write(answer);
        return properties;
    }

    private Task<string> AskAsync(string projectPath, CancellationToken cancellationToken) => RunAsync(
        projectPath, "evaluating", cancellationToken,
        "msbuild", projectPath, "-nologo", $"-property:Configuration={options.BuildConfiguration}",
        "-getProperty:RunCommand,RunArguments,RunWorkingDirectory,TargetPath");

    /// <summary>Example: <c>{"Properties": {"RunCommand": "/app/bin/App", "RunArguments": "", "TargetPath": "/app/bin/App.dll"}}</c>.</summary>
    private static Dictionary<string, string> Parse(string answer)
    {
        try
        {
            using var document = JsonDocument.Parse(answer);
            return document.RootElement.GetProperty("Properties").EnumerateObject().ToDictionary(one => one.Name, one => one.Value.GetString() ?? "");
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException)
        {
            throw new DistributedApplicationException($"dotnet msbuild does not say how to run the project: {answer}", failure);
        }
    }

    private async Task BuildAsync(string projectPath, string targetPath, CancellationToken cancellationToken)
    {
        using var turn = await FileLock.TakeAsync(ToolFolder.Of(configuration, "build.lock"), cancellationToken).ConfigureAwait(false);
        if (File.Exists(targetPath)) return;

        display.Say($"Building {projectPath}");
        await RunAsync(projectPath, "building", cancellationToken,
            "build", projectPath, "-nologo", "-verbosity:quiet", "-property:UseSharedCompilation=false", "--configuration", options.BuildConfiguration).ConfigureAwait(false);
    }

    private async Task<string> RunAsync(string projectPath, string doing, CancellationToken cancellationToken, params string[] arguments)
    {
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? Programs.Find("dotnet", "/")
            ?? throw new DistributedApplicationException($"there is no dotnet on the PATH for {doing} {projectPath}");
        var (exitCode, output) = await Tool.RunAsync(launcher, dotnet, arguments, Path.GetDirectoryName(projectPath)!, cancellationToken).ConfigureAwait(false);
        return exitCode == 0 ? output : throw new DistributedApplicationException($"{doing} {projectPath} failed:{Environment.NewLine}{output}");
    }
}
