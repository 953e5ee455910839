using System.Globalization;
using System.IO.Compression;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Crispy.StreamHandle.Tests;

/// <summary>How a server treats its files.</summary>
internal sealed record ServerHabits
{
    /// <summary>Whether parts of a file can be asked for.</summary>
    public bool Ranges { get; init; } = true;

    /// <summary>Whether each connection breaks once it has carried half of the file.</summary>
    public bool Drops { get; init; }

    /// <summary>Whether playlists come compressed, asked or not.</summary>
    public bool Compresses { get; init; }

    /// <summary>User and password, as in <c>viewer:secret</c>; null asks for none.</summary>
    public string? Credentials { get; init; }
}

/// <summary>A small HTTP server of a folder, with habits that servers have. <c>/moved/NAME</c> redirects to <c>/NAME</c>,
/// <c>/away?to=URL</c> to another server.</summary>
internal sealed class FileServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _folder;
    private readonly ServerHabits _habits;

    private FileServer(WebApplication app, string folder, ServerHabits habits) => (_app, _folder, _habits) = (app, folder, habits);

    /// <summary>Answers instead of a file; null for the file.</summary>
    public Func<string, string?> Generated { get; set; } = _ => null;

    public string Address => _app.Urls.First();

    public static async Task<FileServer> StartAsync(string folder, ServerHabits? habits = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0));
        var server = new FileServer(builder.Build(), folder, habits ?? new());
        server._app.Run(server.AnswerAsync);
        await server._app.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var name = context.Request.Path.Value!.Trim('/');
        if (_habits.Credentials is { } wanted
            && context.Request.Headers.Authorization != $"Basic {Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(wanted))}")
        {
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"files\"";
            context.Response.StatusCode = 401;
        }
        else if (name.StartsWith("moved/", StringComparison.Ordinal)) context.Response.Redirect($"/{name["moved/".Length..]}");
        else if (name == "away") context.Response.Redirect(context.Request.Query["to"]!);
        else if (Generated(name) is { } text) await SendPlaylistAsync(context, System.Text.Encoding.UTF8.GetBytes(text));
        else if (!File.Exists(Path.Combine(_folder, name))) context.Response.StatusCode = 404;
        else if (name.EndsWith(".m3u8", StringComparison.Ordinal))
            await SendPlaylistAsync(context, await File.ReadAllBytesAsync(Path.Combine(_folder, name)));
        else await SendFileAsync(context, await File.ReadAllBytesAsync(Path.Combine(_folder, name)));
    }

    private async Task SendPlaylistAsync(HttpContext context, byte[] text)
    {
        context.Response.ContentType = "application/vnd.apple.mpegurl";
        if (_habits.Compresses)
        {
            using var packed = new MemoryStream();
            await using (var zip = new GZipStream(packed, CompressionMode.Compress, leaveOpen: true)) await zip.WriteAsync(text);
            text = packed.ToArray();
            context.Response.Headers.ContentEncoding = "gzip";
        }
        context.Response.ContentLength = text.Length;
        await context.Response.Body.WriteAsync(text);
    }

    private async Task SendFileAsync(HttpContext context, byte[] data)
    {
        var range = _habits.Ranges && context.Request.Headers.Range.ToString() is { Length: > 6 } text
            ? text["bytes=".Length..].Split('-')
            : null;
        var from = range is null ? 0 : int.Parse(range[0], CultureInfo.InvariantCulture);
        var rest = data.AsMemory(from);
        if (range is [_, { Length: > 0 } last])
            rest = rest[..Math.Min(rest.Length, int.Parse(last, CultureInfo.InvariantCulture) - from + 1)];
        if (rest.Length == 0)
        {
            context.Response.StatusCode = 416;
            return;
        }
        context.Response.StatusCode = range is null ? 200 : 206;
        if (range is not null) context.Response.Headers.ContentRange = $"bytes {from}-{from + rest.Length - 1}/{data.Length}";
        context.Response.ContentType = "application/octet-stream";
        context.Response.ContentLength = rest.Length;
        if (!_habits.Drops)
        {
            await context.Response.Body.WriteAsync(rest, context.RequestAborted);
            return;
        }
        // Less than was announced: the server closes the connection after it.
        await context.Response.Body.WriteAsync(rest[..Math.Min(rest.Length, data.Length / 2)], context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }
}
