using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json.Nodes;
using Crispy.Cli.Api;
using Crispy.Cli.Terminal;
using Crispy.Contracts;

namespace Crispy.Cli.Commands;

/// <summary><c>crispy add</c>: records a new stream from now on, or all of a file.</summary>
internal sealed class AddCommand
{
    private readonly Argument<string?> _id = new("ID")
    {
        Description = $"Its id, for good: 1 to {StreamId.MaxLength} characters of a-z, 0-9 and single inner hyphens",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Argument<string?> _url = new("URL") { Description = SourceArgument.Description, Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string[]> _tags =
        new("--tag") { Description = "A word by which people find it; several times", HelpName = "WORD" };
    private readonly Option<string[]> _set =
        new("--set") { Description = "Any other key of a stream, such as stallTimeout=20; several times", HelpName = "KEY=VALUE" };
    private readonly MakerOptions _maker = new();
    private readonly FileOptions _file = new();

    // Keys as the API has them; the API says what is wrong with a value, by key.
    private readonly (Option<string?> Option, string Key)[] _options =
    [
        (new("--name") { Description = "What people call it", HelpName = "NAME" }, "name"),
        (new("--group") { Description = "The group in which people look for it, such as 'Building A/Gate'", HelpName = "GROUP" }, "group"),
        (new("--window") { Description = "Length of a chunk in seconds, 0.1 to 3600 (3)", HelpName = "SECONDS" }, "window"),
        (new("--mode") { Description = "copy or transcode (copy)", HelpName = "MODE" }, "mode"),
        (new("--container") { Description = "mkv, mp4 or ts (mkv)", HelpName = "CONTAINER" }, "container"),
        (new("--audio") { Description = "keep, drop or aac (keep)", HelpName = "AUDIO" }, "audio"),
        (new("--rtsp-transport") { Description = "tcp or udp (tcp)", HelpName = "TRANSPORT" }, "rtspTransport"),
        (new("--every-nth-frame") { Description = "One frame in N; with --mode transcode", HelpName = "N" }, "everyNthFrame"),
        (new("--scale") { Description = "WIDTH:HEIGHT; with --mode transcode", HelpName = "SIZE" }, "scale"),
        (new("--on-full") { Description = "dropOldest, dropNewest or stop, when the spool is full (dropOldest)", HelpName = "POLICY" },
            "onFull"),
        (new("--retention-days") { Description = "Days for which its video is kept, or forever (as all others')", HelpName = "DAYS" },
            "retentionDays"),
    ];

    /// <summary>The command.</summary>
    public Command Build()
    {
        _id.Validators.Add(RequireId);
        _set.Validators.Add(RequirePairs);
        var command = new Command("add",
            "Records a new stream, or all streams of a file, at once and after every restart, without touching the others.") { _id, _url };
        foreach (var (option, _) in _options) command.Options.Add(option);
        command.Options.Add(_tags);
        command.Options.Add(_set);
        _maker.AddTo(command);
        _file.AddTo(command);
        command.Validators.Add(RequireAgreement);
        return Job.Of(command, new(), RunAsync);
    }

    private async Task<int> RunAsync(Job job, CancellationToken cancellation)
    {
        if (_file.IsGiven(job.Parsed)) return await new ManyStreams(job, _file).RunAsync(cancellation);
        var id = job.Parsed.GetValue(_id)!;
        var definition = new JsonObject { ["id"] = id,
            ["url"] = job.Parsed.GetValue(_url) is { } url ? SourceArgument.Read(url) : _maker.Address(job.Parsed) };
        foreach (var (option, key) in _options) if (job.Get(option) is { } value) definition[key] = Value(key, value);
        if (job.Get(_tags) is { Length: > 0 } tags) definition["tags"] = new JsonArray([.. tags.Select(tag => JsonValue.Create(tag))]);
        foreach (var pair in job.Get(_set) ?? [])
            definition[pair[..pair.IndexOf('=', StringComparison.Ordinal)]] =
                Value("", pair[(pair.IndexOf('=', StringComparison.Ordinal) + 1)..]);
        var answer = await job.Api.SendAsync(HttpMethod.Post, "api/streams", definition, cancellation);
        if (job.Json) Screen.Json(answer);
        else Screen.Line($"{id}: {answer.As<StreamReport>().State.Name()}");
        return ExitCode.Well;
    }

    // JSON has numbers and truths; what is neither is text. A name is always text.
    private static JsonNode Value(string key, string text) => key is "name" or "group" or "scale" ? text
        : decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign,
            CultureInfo.InvariantCulture, out var number) ? number
        : bool.TryParse(text, out var truth) ? truth : text;

    private void RequireAgreement(CommandResult result)
    {
        var (id, url) = (result.GetResult(_id) is { Tokens.Count: > 0 }, result.GetResult(_url) is { Tokens.Count: > 0 });
        var isMaker = _maker.IsGiven(result);
        if (_file.IsGiven(result))
        {
            if (id || isMaker || _options.Any(each => IsGiven(each.Option)) || IsGiven(_tags) || IsGiven(_set))
                result.AddError("--from FILE has all of its streams: no ID, URL or other setting goes with it");
        }
        else if (_file.Lonely(result) is { } lonely) result.AddError($"{lonely} needs --from FILE");
        else if (isMaker && url) result.AddError("--maker makes the address: no URL goes with it");
        else if (isMaker && _maker.Mistake(result) is { } mistake) result.AddError(mistake);
        else if (!id || !(url || isMaker))
            result.AddError("'add' needs an ID and a URL; --maker and --host stand for a URL, and --from FILE for many streams");

        bool IsGiven(Option option) => result.GetResult(option) is { Implicit: false };
    }

    private static void RequireId(ArgumentResult result)
    {
        if (result.Tokens is [var token] && !StreamId.IsValid(token.Value))
            result.AddError(
                $"ID '{token.Value}' is not a stream's id: 1 to {StreamId.MaxLength} characters of a-z, 0-9 and single inner hyphens");
    }

    private static void RequirePairs(OptionResult result)
    {
        foreach (var token in result.Tokens.Where(token => token.Value.IndexOf('=', StringComparison.Ordinal) <= 0))
            result.AddError($"--set '{token.Value}' is not KEY=VALUE");
    }
}
