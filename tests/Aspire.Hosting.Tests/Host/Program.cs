using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

if (args is ["web", ..])
{
    // Listens where it is told, and answers with its environment.
    var web = WebApplication.CreateSlimBuilder();
    web.Configuration["Logging:LogLevel:Default"] = "Warning";
    var site = web.Build();
    site.MapGet("/health", () => "healthy");
    site.MapGet("/environment", (string name) => Environment.GetEnvironmentVariable(name) ?? "");
    site.MapGet("/arguments", () => string.Join(' ', args));
    site.Run();
    return;
}

// An application of two scripts: "server", which has a child of its own, and "client", which depends on it.
var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { Args = args, DisableDashboard = true });
var log = builder.Configuration["log"] ?? "/dev/null";
var script = $"""
    trap 'echo "$NAME TERM" >> {log}; kill $!; exit 0' TERM
    trap 'echo "$NAME INT" >> {log}' INT
    sleep 600 &
    echo "$NAME ids $$ $!"
    while :; do wait $!; done
    """;
var server = builder.AddExecutable("server", "sh", ".", "-c", script).WithEnvironment("NAME", "server");
builder.AddExecutable("client", "sh", ".", "-c", script).WithEnvironment("NAME", "client").WaitFor(server);
builder.Build().Run();
