using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Crispy.Contracts;

namespace Crispy.AppHost;

/// <summary>The options of a run, as part of a command line: the AppHost's own, and that of <c>crispy up</c>.</summary>
public sealed class RunCommandLine
{
    private readonly Argument<string[]> _sources = new("SOURCE")
    {
        Description = "What to record: a file, rtsp://, http:// or demo: (the default, when no stream is configured either)",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string?> _data =
        new("--data") { Description = "Folder for all data of the run (default artifacts/run)", HelpName = "DIR" };
    private readonly Option<bool> _once =
        new("--once") { Description = "Stop when every file is at its end and every chunk is stored and logged" };
    private readonly Option<Backends> _backends = new("--backends") { Description = "Where redis and rabbitmq run" };
    private readonly Option<int?> _port =
        new("--port") { Description = "Port of the console (default: that of the last run of this folder)", HelpName = "PORT" };
    private readonly Option<bool> _verbose = new("--verbose") { Description = "Print what all processes log, which else goes to a file" };
    private readonly Option<string?> _window =
        new("--window") { Description = "Length of a chunk, in seconds (default 3)", HelpName = "SECONDS" };
    private readonly Option<string?> _mode = new("--mode") { Description = "copy (default) or transcode", HelpName = "MODE" };
    private readonly Option<string?> _container = new("--container") { Description = "mkv (default), mp4 or ts", HelpName = "CONTAINER" };
    private readonly Option<int?> _everyNthFrame =
        new("--every-nth-frame") { Description = "Keep one frame in N (needs --mode transcode)", HelpName = "N" };

    /// <summary>Adds them to a command.</summary>
    public RunCommandLine(Command command)
    {
        ArgumentNullException.ThrowIfNull(command);
        command.Add(_sources);
        Option[] options = [_data, _once, _port, _verbose, _backends, _window, _mode, _container, _everyNthFrame];
        foreach (var option in options) command.Add(option);
        _mode.AcceptOnlyFromAmong("copy", "transcode");
        _container.AcceptOnlyFromAmong("mkv", "mp4", "ts");
        _sources.Validators.Add(RequireSources);
        _port.Validators.Add(RequirePort);
        _window.Validators.Add(RequireSeconds);
        _everyNthFrame.Validators.Add(RequireCount);
        command.Validators.Add(RequireTranscode);
        command.Validators.Add(RequireConsole);
    }

    /// <summary>What a parsed command line asks for.</summary>
    public RunOptions Read(ParseResult parsed)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        return new([])
        {
            Sources = parsed.GetValue(_sources) ?? [],
            Data = parsed.GetValue(_data),
            Once = parsed.GetValue(_once),
            Port = parsed.GetValue(_port),
            Verbose = parsed.GetValue(_verbose),
            Backends = parsed.GetValue(_backends),
            StreamSettings = Settings(parsed),
        };
    }

    private Dictionary<string, string> Settings(ParseResult parsed)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        if (parsed.GetValue(_window) is { } window) settings["Window"] = window;
        if (parsed.GetValue(_mode) is { } mode) settings["Mode"] = mode;
        if (parsed.GetValue(_container) is { } container) settings["Container"] = container;
        if (parsed.GetValue(_everyNthFrame) is { } n) settings["EveryNthFrame"] = n.ToString(CultureInfo.InvariantCulture);
        return settings;
    }

    // An address may hold a password: only the place of a wrong one is told.
    private static void RequireSources(ArgumentResult sources)
    {
        foreach (var (index, token) in sources.Tokens.Index())
        {
            if (SourceAddress.Mistake(token.Value, File.Exists) is not { } mistake) continue;
            sources.AddError(sources.Tokens.Count == 1 ? $"SOURCE: {mistake}"
                : $"SOURCE {(index + 1).ToString(CultureInfo.InvariantCulture)}: {mistake}");
        }
    }

    private static void RequirePort(OptionResult option)
    {
        if (option.Tokens is [var token]
            && (!int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535))
            option.AddError($"--port '{token.Value}' is not a port from 1 to 65535");
    }

    private static void RequireSeconds(OptionResult option)
    {
        if (option.Tokens is not [var token]) return;
        if (!double.TryParse(token.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
            || seconds is not (>= 0.1 and <= 3600))
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

    private void RequireConsole(CommandResult command)
    {
        if (command.GetResult(_port) is { Implicit: false } && command.GetResult(_once) is { Implicit: false })
            command.AddError("--port is the console's, and a run with --once has none");
    }
}
