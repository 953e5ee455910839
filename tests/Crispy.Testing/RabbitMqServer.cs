using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Crispy.Testing;

/// <summary>
/// A private RabbitMQ node on free ports of 127.0.0.1 with its data in a temporary folder; usable as an xunit fixture.
/// Starting takes 4 to 10 s: share one among the tests of an assembly (<c>[assembly: AssemblyFixture(typeof(RabbitMqServer))]</c>)
/// and give each test queue names of its own. User and password are guest.
/// </summary>
/// <remarks>
/// It brings an epmd of its own, in the foreground and watched. The node would otherwise start a daemon that outlives it and is shared with
/// every other Erlang node of the machine.
/// </remarks>
public sealed class RabbitMqServer : IAsyncLifetime
{
    private const string Program = "/usr/lib/rabbitmq/bin/rabbitmq-server";
    private readonly TempFolder _folder = new();
    private WatchedProcess? _epmd;
    private WatchedProcess? _node;
    private int _distributionPort;
    private int _epmdPort;
    private bool _everRan;

    /// <summary>The AMQP port; the same across <see cref="StopAsync"/> or <see cref="KillAsync"/> and <see cref="StartAsync"/>.</summary>
    public int Port { get; private set; }

    /// <summary>With these it speaks TLS and nothing else.</summary>
    public TestCertificates? Certificates { get; init; }

    /// <summary>Further lines of its rabbitmq.conf.</summary>
    public string Configuration { get; init; } = "";

    /// <summary>For <c>ConnectionStrings:rabbitmq</c>: an amqp URI, or an amqps one.</summary>
    public string ConnectionString =>
        Certificates is null ? $"amqp://guest:guest@127.0.0.1:{Port}" : $"amqps://guest:guest@localhost:{Port}";

    /// <summary>Starts the node, with the data that it had before; returns when it accepts connections.</summary>
    public async Task StartAsync()
    {
        for (var attempt = 1; !await TryStartAsync(); attempt++)
        {
            var log = File.Exists(_folder["rabbitmq.out"]) ? File.ReadAllText(_folder["rabbitmq.out"]) : "no output";
            await KillAsync();
            if (!_everRan) Port = 0;
            if (attempt == 3) throw new InvalidOperationException($"rabbitmq-server does not start: {log}");
        }
    }

    private async Task<bool> TryStartAsync()
    {
        if (_node is not null) throw new InvalidOperationException("rabbitmq-server runs already");
        if (_epmd is null)
        {
            // Ports that were free a moment ago may be taken now: another try takes others, as long as nobody has seen them.
            if (FreePort.Several(3) is not [var amqp, var distribution, var names]) throw new InvalidOperationException("No free ports");
            if (Port == 0) Port = amqp;
            _distributionPort = distribution;
            _epmdPort = names;
            _epmd = await WatchedProcess.StartAsync(_folder["epmd.out"], new Dictionary<string, string>(), "epmd",
                "-address", "127.0.0.1", "-port", $"{_epmdPort}");
            await Until.TrueAsync(async () => !_epmd.IsRunning || await Listening.OnAsync(_epmdPort));
        }
        WriteConfiguration();
        _node = await WatchedProcess.StartAsync(_folder["rabbitmq.out"], Environment(), Program);
        await Until.TrueAsync(async () => !_node.IsRunning || await SpeaksAsync(), TimeSpan.FromSeconds(120));
        _everRan |= _node.IsRunning;
        return _node.IsRunning;
    }

    // A node that boots accepts connections before it serves them. AMQP 0-9-1, 2.2.4:
    // a server answers the header with a method frame (type 1).
    private async Task<bool> SpeaksAsync()
    {
        if (Certificates is not null) return await Listening.OnAsync(Port);
        using var client = new TcpClient();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        var answer = new byte[1];
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, Port, limit.Token);
            await client.GetStream().WriteAsync("AMQP\0\0\u0009\u0001"u8.ToArray(), limit.Token);
            return await client.GetStream().ReadAsync(answer, limit.Token) == 1 && answer[0] == 1;
        }
        catch (Exception refused) when (refused is SocketException or IOException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Stops the node in order (SIGTERM); its durable data stays.</summary>
    public async Task StopAsync()
    {
        if (_node is null) return;
        await _node.SignalAsync("TERM");
        await _node.WaitForExitAsync();
        await KillAsync();
    }

    /// <summary>Runs rabbitmqctl against it.</summary>
    /// <param name="input">What it reads from standard input.</param>
    /// <param name="arguments">Its arguments.</param>
    public async Task ControlAsync(string input, params string[] arguments)
    {
        var start = new ProcessStartInfo("/usr/lib/rabbitmq/bin/rabbitmqctl", ["-q", "-n", "crispy@localhost", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (key, value) in Environment().Where(pair => pair.Key is "HOME" or "ERL_EPMD_PORT" or "RABBITMQ_CONF_ENV_FILE"))
            start.Environment[key] = value;
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"rabbitmqctl {string.Join(' ', arguments)}: {string.Concat(said)}");
    }

    /// <summary>Kills the node as a power cut would (SIGKILL); its durable data stays.</summary>
    public async Task KillAsync()
    {
        if (_node is not null) await _node.DisposeAsync();
        if (_epmd is not null) await _epmd.DisposeAsync();
        _node = _epmd = null;
    }

    /// <summary>Deletes the data of a node that does not run: it comes back without a queue or a message.</summary>
    public void Wipe()
    {
        if (_node is not null) throw new InvalidOperationException("rabbitmq-server runs");
        if (Directory.Exists(_folder["data"])) Directory.Delete(_folder["data"], recursive: true);
    }

    private void WriteConfiguration()
    {
        var listener = Certificates is null ? $"listeners.tcp.default = 127.0.0.1:{Port}" : $"""
            listeners.tcp = none
            listeners.ssl.default = 127.0.0.1:{Port}
            ssl_options.cacertfile = {Certificates.AuthorityFile}
            ssl_options.certfile = {Certificates.CertificateFile}
            ssl_options.keyfile = {Certificates.KeyFile}
            ssl_options.verify = verify_none
            """;
        File.WriteAllText(_folder["rabbitmq.conf"], $"""
            {listener}
            disk_free_limit.absolute = 1MB
            {Configuration}
            """);
        File.WriteAllText(_folder["advanced.config"], $"[{{kernel, [{{inet_dist_use_interface, {{127,0,0,1}}}}]}}].\n");
        File.WriteAllText(_folder["enabled_plugins"], "[].\n");
    }

    private Dictionary<string, string> Environment() => new()
    {
        ["HOME"] = _folder.Path, // its Erlang cookie
        ["RABBITMQ_NODENAME"] = "crispy@localhost",
        ["RABBITMQ_DIST_PORT"] = $"{_distributionPort}",
        ["RABBITMQ_MNESIA_BASE"] = _folder["data"],
        ["RABBITMQ_LOG_BASE"] = _folder["log"],
        ["RABBITMQ_PID_FILE"] = _folder["pid"],
        ["RABBITMQ_CONFIG_FILE"] = _folder["rabbitmq.conf"],
        ["RABBITMQ_ADVANCED_CONFIG_FILE"] = _folder["advanced.config"],
        ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
        ["RABBITMQ_ENABLED_PLUGINS_FILE"] = _folder["enabled_plugins"],
        ["ERL_EPMD_PORT"] = $"{_epmdPort}",
        ["RUNNING_UNDER_SYSTEMD"] = "true", // the shell script becomes the node, so a signal reaches it
        ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none",
    };

    /// <inheritdoc />
    public async ValueTask InitializeAsync()
    {
        if (!FastRun.IsOne) await StartAsync();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _folder.Dispose();
    }
}
