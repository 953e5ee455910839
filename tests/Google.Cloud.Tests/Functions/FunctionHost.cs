using System.Collections.Concurrent;
using System.Net.Http.Headers;
using CloudNative.CloudEvents;
using Google.Cloud.Functions.Framework;
using Google.Cloud.Functions.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Google.Cloud.Tests.Functions;

/// <summary>A function that keeps what it is called with.</summary>
public sealed class RecordingFunction(ConcurrentQueue<CloudEvent> received) : ICloudEventFunction
{
    public Task HandleAsync(CloudEvent cloudEvent, CancellationToken cancellationToken)
    {
        received.Enqueue(cloudEvent);
        return cloudEvent.Type == "throw" ? throw new InvalidOperationException("the function fails") : Task.CompletedTask;
    }
}

/// <summary>A startup that answers one path itself.</summary>
public sealed class PathStartup : FunctionsStartup
{
    public override void ConfigureServices(WebHostBuilderContext context, IServiceCollection services) =>
        services.AddSingleton<ConcurrentQueue<CloudEvent>>();

    public override void Configure(WebHostBuilderContext context, IApplicationBuilder app) =>
        app.Map("/own", branch => branch.Run(request => request.Response.WriteAsync("from the startup")));
}

/// <summary>The function above on a free port of loopback.</summary>
public sealed class FunctionHost : IAsyncDisposable
{
    private readonly IHost _host;

    private FunctionHost(IHost host)
    {
        _host = host;
        var address = host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        Client = new() { BaseAddress = new Uri(address) };
    }

    public HttpClient Client { get; }

    public ConcurrentQueue<CloudEvent> Received => _host.Services.GetRequiredService<ConcurrentQueue<CloudEvent>>();

    public static async Task<FunctionHost> StartAsync()
    {
        var host = Host.CreateDefaultBuilder()
            .ConfigureWebHostDefaults(web => web
                .ConfigureAppConfiguration(configuration =>
                    configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["FunctionsFramework:Port"] = "0" }))
                .ConfigureKestrelForFunctionsFramework()
                .ConfigureServices(services => services.AddFunctionTarget<RecordingFunction>())
                .UseFunctionsStartup(new PathStartup())
                .Configure((context, app) => app.UseFunctionsFramework(context)))
            .Build();
        await host.StartAsync();
        return new(host);
    }

    public Task<HttpResponseMessage> PostAsync(
        string body, string contentType = "application/json", params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new StringContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        return Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _host.StopAsync();
        _host.Dispose();
    }
}
