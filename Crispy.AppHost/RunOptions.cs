using System.CommandLine;

namespace Crispy.AppHost;

/// <summary>Where redis and rabbitmq run in run mode.</summary>
public enum Backends
{
    /// <summary>In containers when a container runtime answers, else as this machine's own programs.</summary>
    Auto,

    /// <summary>In containers.</summary>
    Container,

    /// <summary>As this machine's own redis-server and rabbitmq-server.</summary>
    Local,
}

/// <summary>What the command line asks for. Everything that is not here is configuration.</summary>
public sealed class RunOptions
{
    internal RunOptions(string[] aspireArguments) => AspireArguments = aspireArguments;

    /// <summary>What the last <see cref="Parse"/> that returned null wants the process to exit with: 0 after --help,
    /// 2 after a mistake.</summary>
    public static int ExitCode { get; private set; }

    /// <summary>What goes on to Aspire: publishing options and configuration.</summary>
    public string[] AspireArguments { get; }

    /// <summary>The sources named on the command line.</summary>
    public IReadOnlyList<string> Sources { get; internal init; } = [];

    /// <summary>The folder that holds all data of the run; null for the default.</summary>
    public string? Data { get; internal init; }

    /// <summary>Whether to stop when every finite source is at its end and every chunk is stored and logged.</summary>
    public bool Once { get; internal init; }

    /// <summary>Where redis and rabbitmq run.</summary>
    public Backends Backends { get; internal init; }

    /// <summary>The console's port; null for the one that the data folder remembers, or a free one.</summary>
    public int? Port { get; internal init; }

    /// <summary>Whether everything that the run's processes print is shown, not written to the log file alone.</summary>
    public bool Verbose { get; internal init; }

    /// <summary>Stream settings for the sources named on the command line, by their configuration key.</summary>
    public IReadOnlyDictionary<string, string> StreamSettings { get; internal init; } = new Dictionary<string, string>();

    /// <summary>Reads the command line; null after --help or a mistake, which has then been printed.</summary>
    public static RunOptions? Parse(string[] args)
    {
        if (args.Any(arg => arg is "--publisher" or "--operation" || arg.StartsWith("--publisher=", StringComparison.Ordinal)
            || arg.StartsWith("--operation=", StringComparison.Ordinal))) return new(args);
        var root = new RootCommand("Crispy: takes video streams, cuts them into signed chunks and gets every chunk into the bucket.");
        var line = new RunCommandLine(root);
        var parsed = root.Parse(args, new() { EnablePosixBundling = false });
        if (Mistakes.Of(parsed) is { Count: > 0 } mistakes)
        {
            // A mistake is told in a line; the whole help is a command away.
            foreach (var mistake in mistakes) Console.Error.WriteLine($"crispy: {mistake}");
            Console.Error.WriteLine("crispy: --help lists all options");
            ExitCode = 2;
            return null;
        }
        if (parsed.Action is not null)
        {
            ExitCode = parsed.Invoke(new() { Error = Console.Error });
            return null;
        }
        return line.Read(parsed);
    }
}
