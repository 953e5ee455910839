using System.CommandLine;
using System.CommandLine.Parsing;
using Crispy.Cli.Api;
using Crispy.Contracts;

namespace Crispy.Cli.Times;

/// <summary>A range as it was asked for.</summary>
/// <param name="From">UTC.</param>
/// <param name="To">UTC.</param>
/// <param name="HasEnd">Whether its end was said; otherwise it is now.</param>
internal sealed record TimeRange(DateTimeOffset From, DateTimeOffset To, bool HasEnd);

/// <summary><c>--from</c>, <c>--to</c> and <c>--local</c>.</summary>
internal sealed class TimeOptions
{
    private readonly Option<string?> _from;
    private readonly Option<string?> _to = new(
        "--to") { Description = "End of the range (default: now). A time of day is the first one after --from; +5m counts from --from",
            HelpName = "TIME" };
    private readonly Option<bool> _local = new(
        "--local") { Description = "Times without an offset are of this machine's time zone, and times are shown in it (default: UTC)" };
    private readonly string _usual;

    /// <param name="usual">The beginning where none is said, such as <c>-1h</c>.</param>
    /// <param name="required">Whether one must be said.</param>
    public TimeOptions(string usual, bool required = false)
    {
        _usual = usual;
        _from = new("--from") { Description = $"Beginning of the range: {TimeExpression.Forms}{(required ? "" : $" (default: {usual})")}",
            HelpName = "TIME", Required = required };
        _from.Validators.Add(RequireTime);
        _to.Validators.Add(RequireTime);
    }

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_from);
        command.Options.Add(_to);
        command.Options.Add(_local);
    }

    /// <summary>The time zone in which people are told times.</summary>
    public TimeZoneInfo Zone(ParseResult parsed) => parsed.GetValue(_local) ? TimeProvider.System.LocalTimeZone : TimeZoneInfo.Utc;

    /// <summary>The range.</summary>
    /// <exception cref="UnableException">It ends before it begins.</exception>
    public TimeRange Range(ParseResult parsed)
    {
        var (now, zone) = (TimeProvider.System.GetUtcNow(), Zone(parsed));
        var from = Expression(parsed.GetValue(_from) ?? _usual).Resolve(now, zone);
        var to = parsed.GetValue(_to) is { } end ? Expression(end).Resolve(now, zone, from) : now;
        if (to <= from) throw new UnableException($"--to {Instants.Format(to)} is not after --from {Instants.Format(from)}");
        return new(from, to, parsed.GetValue(_to) is not null);
    }

    private static TimeExpression Expression(string text) =>
        TimeExpression.TryParse(text, out var expression) ? expression : throw new UnableException($"'{text}' is not a time");

    private static void RequireTime(OptionResult option)
    {
        if (option.Tokens is [var token] && !TimeExpression.TryParse(token.Value, out _))
            option.AddError($"{option.Option.Name} '{token.Value}' is not a time: {TimeExpression.Forms}");
    }
}
