namespace Crispy.Testing;

/// <summary>A private redis-server on a free port of 127.0.0.1, in memory only; usable as an xunit fixture.</summary>
public sealed class RedisServer : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private WatchedProcess? _process;

    /// <summary>The TCP port; the same across <see cref="StopAsync"/> and <see cref="StartAsync"/>.</summary>
    public int Port { get; private set; }

    /// <summary>With these it speaks TLS and nothing else.</summary>
    public TestCertificates? Certificates { get; init; }

    /// <summary>What clients have to know; null lets everybody in.</summary>
    public string? Password { get; init; }

    /// <summary>For <c>ConnectionStrings:redis</c>, as StackExchange.Redis reads it.</summary>
    public string ConnectionString =>
        (Certificates is null ? $"127.0.0.1:{Port}" : $"localhost:{Port},ssl=true") + (Password is null ? "" : $",password={Password}");

    private string[] Listener(int port) => Certificates is null
        ? ["--port", $"{port}"]
        : ["--port", "0", "--tls-port", $"{port}", "--tls-cert-file", Certificates.CertificateFile, "--tls-key-file", Certificates.KeyFile,
            "--tls-ca-cert-file", Certificates.AuthorityFile, "--tls-auth-clients", "no"];

    /// <summary>Starts the server; it is empty.</summary>
    public async Task StartAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            if (_process is not null) throw new InvalidOperationException("redis-server runs already");
            var port = Port == 0 ? FreePort.Next() : Port;
            _process = await WatchedProcess.StartAsync(_folder["redis.log"], new Dictionary<string, string>(), "redis-server",
                ["--bind", "127.0.0.1", .. Listener(port), .. Password is null ? (string[])[] : ["--requirepass", Password],
                "--save", "", "--appendonly", "no", "--dir", _folder.Path]);
            await Until.TrueAsync(async () => !_process.IsRunning || await Listening.OnAsync(port));
            if (_process.IsRunning)
            {
                Port = port;
                return;
            }
            await StopAsync();
            if (attempt == 3) throw new InvalidOperationException($"redis-server does not start: {File.ReadAllText(_folder["redis.log"])}");
        }
    }

    /// <summary>Kills the server; what it held is gone.</summary>
    public async Task StopAsync()
    {
        if (_process is null) return;
        await _process.DisposeAsync();
        _process = null;
    }

    /// <summary>Freezes the server: connections stay open, nothing answers.</summary>
    public Task FreezeAsync() => (_process ?? throw new InvalidOperationException("redis-server does not run")).SignalAsync("STOP");

    /// <summary>Lets a frozen server run on.</summary>
    public Task ThawAsync() => (_process ?? throw new InvalidOperationException("redis-server does not run")).SignalAsync("CONT");

    /// <inheritdoc />
    public async ValueTask InitializeAsync()
    {
        if (!FastRun.IsOne) await StartAsync();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _folder.Dispose();
    }
}
