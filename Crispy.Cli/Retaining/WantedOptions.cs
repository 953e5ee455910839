using System.CommandLine;
using System.CommandLine.Parsing;
using Crispy.Cli.Api;
using Crispy.Contracts;

namespace Crispy.Cli.Retaining;

/// <summary>Options that say how long what is kept; without them the API is asked.</summary>
internal sealed class WantedOptions
{
    private readonly Option<string?> _days =
        new("--days") { Description = "Days for which video is kept, or forever. Without it the API is asked, which also knows what "
        + "each stream has of its own", HelpName = "DAYS" };
    private readonly Option<string?> _losses =
        new("--loss-days") { Description = "Days for which loss records are kept, not below --days (forever)", HelpName = "DAYS" };
    private readonly Option<string[]> _streams =
        new("--stream") { Description = "A stream that is kept otherwise, as in gate=90; several times", HelpName = "ID=DAYS" };

    private readonly ApiOptions _api = new();

    /// <summary>Adds them to a command, with those of the API.</summary>
    public void AddTo(Command command)
    {
        _api.AddTo(command);
        _days.Validators.Add(RequirePeriod);
        _losses.Validators.Add(RequirePeriod);
        _streams.Validators.Add(RequireStreams);
        foreach (var option in (Option[])[_days, _losses, _streams]) command.Options.Add(option);
    }

    /// <summary>Whether JSON is asked for.</summary>
    public bool Json(ParseResult parsed) => _api.Json(parsed);

    /// <summary>What is wanted.</summary>
    /// <exception cref="UnableException">Loss records would not outlive video, or nobody says how long anything is kept.</exception>
    public async Task<Wanted> ReadAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var (days, losses) = (RetentionPeriod.Parse(parsed.GetValue(_days)), RetentionPeriod.Parse(parsed.GetValue(_losses)));
        var wanted = days is { } video ? new Wanted(video, losses ?? RetentionPeriod.Forever, [], false)
            : await AskAsync(parsed, cancellation);
        if (days is null && losses is { } own) wanted = wanted with { LossRecords = own };
        foreach (var pair in parsed.GetValue(_streams) ?? []) wanted.Streams[pair.Split('=')[0]] =
            RetentionPeriod.Parse(pair.Split('=')[1]);
        var longest = wanted.Streams.Values.OfType<RetentionPeriod>().Aggregate(wanted.Video, RetentionPeriod.Longer);
        return wanted.LossRecords >= longest ? wanted
            : throw new UnableException(
                $"loss records would be kept {wanted.LossRecords.Words}, and video up to {longest.Words}: they must outlive the video "
                + $"that they tell of (--loss-days)");
    }

    private async Task<Wanted> AskAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var api = _api.Open(parsed);
        var away = new AwayNote();
        var streams = await api.ItemsAsync("api/streams", int.MaxValue, cancellation, away).ToListAsync(cancellation);
        if (away.IsAny) throw new CommandException(ExitCode.Unreachable,
            "not every stream-handle answers: what its streams keep is not known now");
        var reports = streams.ConvertAll(stream => stream.As<StreamReport>()).FindAll(stream => stream.State != StreamState.Removed);
        if (reports.Find(stream => stream.Retention is null) is { } old) throw new UnableException(
            $"the API does not say how long '{old.Id}' is kept: stream-handle is of an older version; give --days");
        if (reports is not [var first, ..]) throw new UnableException(
            "there are no streams yet that say how long they are kept: give --days");
        var retention = first.Retention!;
        return new(new(retention.DefaultDays), new(retention.LossRecordDays),
            reports.ToDictionary(stream => stream.Id, stream => stream.Retention!.IsOwn ? new RetentionPeriod(stream.Retention.Days)
                : (RetentionPeriod?)null, StringComparer.Ordinal), true);
    }

    private static void RequirePeriod(OptionResult option)
    {
        if (option.Tokens is [var token] && RetentionPeriod.Parse(token.Value) is null) option.AddError(
            $"{option.Option.Name} '{token.Value}' must be {RetentionPeriod.Rule}");
    }

    private static void RequireStreams(OptionResult option)
    {
        foreach (var token in option.Tokens.Where(token => token.Value.Split('=') is not [var id, var days] || !StreamId.IsValid(id)
            || RetentionPeriod.Parse(days) is null))
            option.AddError($"--stream '{token.Value}' must be ID=DAYS, such as gate=90 or gate=forever");
    }
}
