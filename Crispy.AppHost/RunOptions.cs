using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

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
    private RunOptions(string[] aspireArguments) => AspireArguments = aspireArguments;

    /// <summary>What the last <see cref="Parse"/> that returned null wants the process to exit with: 0 after --help, 2 after a mistake.</summary>
    public static int ExitCode { get; private set; }

    /// <summary>What goes on to Aspire: publishing options and configuration.</summary>
    public string[] AspireArguments { get; }

    /// <summary>The sources named on the command line.</summary>
    public IReadOnlyList<string> Sources { get; private init; } = [];

    /// <summary>The folder that holds all data of the run; null for the default.</summary>
    public string? Data { get; private init; }

    /// <summary>Whether to stop when every finite source is at its end and every chunk is stored and logged.</summary>
    public bool Once { get; private init; }

    /// <summary>Where redis and rabbitmq run.</summary>
    public Backends Backends { get; private init; }

    /// <summary>Stream settings for the sources named on the command line, by their configuration key.</summary>
    public IReadOnlyDictionary<string, string> StreamSettings { get; private init; } = new Dictionary<string, string>();

    /// <summary>Reads the command line; null after --help or a mistake, which has then been printed.</summary>
    public static RunOptions? Parse(string[] args)
    {
        if (args.Any(arg => arg is "--publisher" or "--operation" || arg.StartsWith("--publisher=", StringComparison.Ordinal)
            || arg.StartsWith("--operation=", StringComparison.Ordinal))) return new(args);
        var line = new CommandLine();
        var parsed = line.Root.Parse(args, new() { EnablePosixBundling = false });
        if (parsed.Action is not null || parsed.Errors.Count > 0)
        {
            var exitCode = parsed.Invoke(new() { Error = Console.Error });
            ExitCode = parsed.Errors.Count > 0 ? 2 : exitCode;
            return null;
        }
        return line.Read(parsed);
    }

    private sealed class CommandLine
    {
        private readonly Argument<string[]> _sources = new("SOURCE")
        {
            Description = "What to record: a file, rtsp://, http:// or demo: (the default, when no stream is configured either)",
            Arity = ArgumentArity.ZeroOrMore,
        };

        private readonly Option<string?> _data = new("--data") { Description = "Folder for all data of the run (default artifacts/run)", HelpName = "DIR" };
        private readonly Option<bool> _once = new("--once") { Description = "Stop when every file is at its end and every chunk is stored and logged" };
        private readonly Option<Backends> _backends = new("--backends") { Description = "Where redis and rabbitmq run" };
        private readonly Option<string?> _window = new("--window") { Description = "Length of a chunk, in seconds (default 3)", HelpName = "SECONDS" };
        private readonly Option<string?> _mode = new("--mode") { Description = "copy (default) or transcode", HelpName = "MODE" };
        private readonly Option<string?> _container = new("--container") { Description = "mkv (default), mp4 or ts", HelpName = "CONTAINER" };
        private readonly Option<int?> _everyNthFrame = new("--every-nth-frame") { Description = "Keep one frame in N (needs --mode transcode)", HelpName = "N" };

        public CommandLine()
        {
            Root = new("Crispy: takes video streams, cuts them into signed chunks and gets every chunk into the bucket.")
            {
                _sources, _data, _once, _backends, _window, _mode, _container, _everyNthFrame,
            };
            _mode.AcceptOnlyFromAmong("copy", "transcode");
            _container.AcceptOnlyFromAmong("mkv", "mp4", "ts");
            _window.Validators.Add(RequireSeconds);
            _everyNthFrame.Validators.Add(RequireCount);
            Root.Validators.Add(RequireTranscode);
        }

        public RootCommand Root { get; }

        public RunOptions Read(ParseResult parsed) => new([])
        {
            Sources = parsed.GetValue(_sources) ?? [],
            Data = parsed.GetValue(_data),
            Once = parsed.GetValue(_once),
            Backends = parsed.GetValue(_backends),
            StreamSettings = Settings(parsed),
        };

        private Dictionary<string, string> Settings(ParseResult parsed)
        {
            var settings = new Dictionary<string, string>(StringComparer.Ordinal);
            if (parsed.GetValue(_window) is { } window) settings["Window"] = window;
            if (parsed.GetValue(_mode) is { } mode) settings["Mode"] = mode;
            if (parsed.GetValue(_container) is { } container) settings["Container"] = container;
            if (parsed.GetValue(_everyNthFrame) is { } n) settings["EveryNthFrame"] = n.ToString(CultureInfo.InvariantCulture);
            return settings;
        }

        private static void RequireSeconds(OptionResult option)
        {
            if (option.Tokens is not [var token]) return;
            if (!double.TryParse(token.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) || seconds is not (>= 0.1 and <= 3600))
                option.AddError($"--window '{token.Value}' is not a number of seconds from 0.1 to 3600");
        }

        private static void RequireCount(OptionResult option)
        {
            if (option.Tokens is [var token] && (!int.TryParse(token.Value, CultureInfo.InvariantCulture, out var n) || n is < 1 or > 1000))
                option.AddError($"--every-nth-frame '{token.Value}' is not a whole number from 1 to 1000");
        }

        private void RequireTranscode(CommandResult command)
        {
            if (command.GetResult(_everyNthFrame) is not null && command.GetResult(_mode)?.Tokens is not [{ Value: "transcode" }])
                command.AddError("--every-nth-frame needs --mode transcode: frames cannot be left out of a stream that is copied");
        }
    }
}
