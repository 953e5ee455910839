using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Crispy.Cli.Api;

namespace Crispy.Cli.Commands;

/// <summary>Brings a player of this machine to an API that wants a token. The player itself could only be given the token where other users
/// can read it. The relay listens on the loopback for as long as the player runs, under a name that nobody can guess. It passes on nothing
/// but reads of what is played.</summary>
internal sealed class PlayRelay : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly CancellationTokenSource _over = new();
    private readonly Uri _root;
    private readonly string _name = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
    private readonly Task _serving;

    private PlayRelay(ApiClient api, int port)
    {
        _root = new($"http://127.0.0.1:{port}/{_name}/");
        _listener.Prefixes.Add(_root.AbsoluteUri);
        _listener.Start();
        _serving = ServeAsync(api);
    }

    /// <summary>Begins to serve.</summary>
    public static PlayRelay Start(ApiClient api)
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        return new(api, port);
    }

    /// <summary>The address of a path of the API.</summary>
    public Uri Of(string path) => new(_root, path);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _listener.Stop();
        await _serving;
        _listener.Close();
        _over.Dispose();
    }

    private async Task ServeAsync(ApiClient api)
    {
        while (true)
        {
            try
            {
                _ = AnswerAsync(api, await _listener.GetContextAsync());
            }
            catch (Exception stopped) when (stopped is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task AnswerAsync(ApiClient api, HttpListenerContext context)
    {
        var response = context.Response;
        try
        {
            var path = context.Request.RawUrl![(_name.Length + 2)..];
            if (context.Request.HttpMethod != "GET" || !path.StartsWith("api/streams/", StringComparison.Ordinal))
                response.StatusCode = (int)HttpStatusCode.NotFound;
            else response.ContentType = await api.CopyAsync(path, response.OutputStream, _over.Token);
        }
        catch (Exception failed)
            when (failed is CommandException or IOException or HttpListenerException or HttpRequestException or OperationCanceledException
                or InvalidOperationException)
        {
            response.StatusCode = (int)HttpStatusCode.BadGateway;
        }
        response.Close();
    }
}
