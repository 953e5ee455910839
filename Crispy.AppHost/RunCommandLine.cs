using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Crispy.AppHost;

/// <summary>The options of a run, as part of a command line: the AppHost's own, and that of <c>crispy up</c>.</summary>
public sealed class RunCommandLine
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

    /// <summary>Adds them to a command.</summary>
    public RunCommandLine(Command command)
    {
        ArgumentNullException.ThrowIfNull(command);
        command.Add(_sources);
        foreach (var option in (Option[])[_data, _once, _backends, _window, _mode, _container, _everyNthFrame]) command.Add(option);
        _mode.AcceptOnlyFromAmong("copy", "transcode");
        _container.AcceptOnlyFromAmong("mkv", "mp4", "ts");
        _window.Validators.Add(RequireSeconds);
        _everyNthFrame.Validators.Add(RequireCount);
        command.Validators.Add(RequireTranscode);
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
