using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Crispy.Cli.Tests.Running;

/// <summary>An API that answers as a test says, on a free port of 127.0.0.1.</summary>
internal static class ScriptedApi
{
    public static async Task<WebApplication> StartAsync(Action<WebApplication> map)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var api = builder.Build();
        map(api);
        await api.StartAsync();
        return api;
    }
}
