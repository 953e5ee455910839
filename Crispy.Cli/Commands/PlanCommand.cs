using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using Crispy.Cli.Planning;
using Crispy.Cli.Terminal;
using Crispy.Contracts;

namespace Crispy.Cli.Commands;

/// <summary><c>crispy plan</c>: what a number of cameras asks for, by measured figures. Uses no API.</summary>
internal sealed class PlanCommand
{
    private readonly Option<int> _cameras = new("--cameras") { Description = "How many", HelpName = "N", DefaultValueFactory = _ => 1 };
    private readonly Option<double> _mbit = new("--mbit") { Description = "Mbit/s that one sends (4: 1080p H.264)", HelpName = "MBIT",
        DefaultValueFactory = _ => 4 };
    private readonly Option<string> _outage = new(
        "--outage") { Description = "Longest outage of the bucket that must cost nothing: 30m, 4h, 2d (4h)", HelpName = "TIME",
            DefaultValueFactory = _ => "4h" };
    private readonly Option<double> _days = new("--days") { Description = "How long objects are kept (30)", HelpName = "DAYS",
        DefaultValueFactory = _ => 30 };
    private readonly Option<double> _window = new("--window") { Description = "Length of a chunk in seconds (3)", HelpName = "SECONDS",
        DefaultValueFactory = _ => 3 };
    private readonly Option<string?> _figures =
        new("--figures") { Description = "JSON with figures of your own, such as {\"storagePerGibMonth\": 0.023}", HelpName = "FILE" };
    private readonly Option<bool> _print =
        new("--print-figures") { Description = "Print the figures with their sources, and nothing else" };
    private readonly Option<bool> _json = new("--json") { Description = "Print JSON" };

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>The command.</summary>
    public Command Build()
    {
        Require(_cameras, 1, 100_000, whole: true);
        Require(_mbit, 0.01, 1000);
        Require(_days, 0, 36_500);
        Require(_window, 0.1, 3600);
        _outage.Validators.Add(RequireSpan);
        var command = new Command("plan",
            "What a number of cameras asks for: disk, memory, cores, uplink and costs a month, by measured figures.")
        {
            _cameras, _mbit, _outage, _days, _window, _figures, _print, _json,
        };
        command.SetAction((parsed, cancellation) => Job.GuardAsync(() => Task.FromResult(Run(parsed)), cancellation));
        return command;
    }

    /// <summary>A length of time: <c>90s</c>, <c>30m</c>, <c>4h</c>, <c>2d</c>, <c>1h30m</c>; null where it is none.</summary>
    public static TimeSpan? Span(string text)
    {
        var (sum, number) = (TimeSpan.Zero, "");
        foreach (var letter in text)
        {
            if (char.IsAsciiDigit(letter) || letter == '.')
            {
                number += letter;
                continue;
            }
            if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)
                || count > 1e6) return null;
            TimeSpan? unit = letter switch { 's' => TimeSpan.FromSeconds(1), 'm' => TimeSpan.FromMinutes(1), 'h' =>
                TimeSpan.FromHours(1), 'd' => TimeSpan.FromDays(1), _ => null };
            if (unit is null) return null;
            (sum, number) = (sum + unit.Value * count, "");
        }
        return number.Length == 0 && sum > TimeSpan.Zero && sum <= TimeSpan.FromDays(365) ? sum : null;
    }

    private int Run(ParseResult parsed)
    {
        if (parsed.GetValue(_print))
        {
            Console.Out.Write(PlanFigures.Text());
            return ExitCode.Well;
        }
        var wish = new Wish(parsed.GetValue(_cameras), parsed.GetValue(_mbit), Span(parsed.GetRequiredValue(_outage))!.Value,
            parsed.GetValue(_days), parsed.GetValue(_window));
        var prices = Prices();
        var plan = Plan.Of(wish, PlanFigures.Read(prices, parsed.GetValue(_figures)));
        if (parsed.GetValue(_json)) Screen.Json(JsonSerializer.SerializeToNode(plan, Json)!);
        else Print(plan, prices);
        return ExitCode.Well;
    }

    // The same keys as the console's, which one environment may hold.
    private static PriceList Prices()
    {
        var mistakes = new List<string>();
        var prices = PriceList.Read(key => Environment.GetEnvironmentVariable(
            $"{PriceList.Section.Replace(":", "__", StringComparison.Ordinal)}__{key}"), mistakes);
        return mistakes.Count == 0 ? prices : throw new Api.UnableException(string.Join("; ", mistakes));
    }

    private static void Print(Plan plan, PriceList prices)
    {
        var wish = plan.Wish;
        var table = new Listing(new Column(string.Create(CultureInfo.InvariantCulture,
            $"{wish.Cameras} {(wish.Cameras == 1 ? "camera" : "cameras")}")),
            new Column(string.Create(CultureInfo.InvariantCulture,
            $"of {wish.MegabitsPerSecond:0.###} Mbit/s, chunks of {wish.WindowSeconds:0.###} s"), Cut.End));
        table.Add("disk of the spool",
            new($"{Words.Bytes(plan.SpoolBytes)}: {Words.Span(wish.Outage)} without the bucket; "
                + $"a volume of {Words.Bytes(plan.VolumeBytes)}", Whole: true));
        table.Add("memory",
            new($"{Words.Bytes(plan.MemoryBytes)}, of it {Words.Bytes(plan.StreamHandleBytes)} stream-handle with its ffmpegs, "
                + $"{Words.Bytes(plan.RedisBytes)} Redis with the states of 7 days", Whole: true));
        table.Add("cores", new(string.Create(CultureInfo.InvariantCulture, $"{plan.Cores:0.0} busy: a machine of {plan.MachineCores}"),
            Whole: true));
        table.Add("uplink", new(Words.Bitrate(plan.UplinkBits), Whole: true));
        table.Add("bucket", new(string.Create(CultureInfo.InvariantCulture,
            $"{Words.Bytes(plan.StoredBytes)} when {wish.Days:0.#} days are kept"), Whole: true));
        table.Add("costs a month", new(string.Create(CultureInfo.InvariantCulture,
            $"{prices.Currency} {plan.StoragePerMonth:N0} for storage and {plan.OperationsPerMonth:N0} for operations; without logs, "
                + $"the function and what is downloaded"), Whole: true));
        table.Add("compose",
            new($"CRISPY_SPOOL_BYTES={plan.SpoolBytes.ToString(CultureInfo.InvariantCulture)} "
                + $"CRISPY_STREAM_HANDLE_MEMORY={Mebibytes(plan.StreamHandleBytes)}m "
                + $"CRISPY_REDIS_MEMORY={Mebibytes(plan.RedisBytes)}m in deploy/compose/.env", Whole: true));
        table.Add("Kubernetes", new(string.Create(CultureInfo.InvariantCulture,
            $"storage: {Math.Ceiling(plan.VolumeBytes / (double)(1L << 30)):0}Gi of the spool, memory: "
                + $"{Mebibytes(plan.StreamHandleBytes)}Mi of stream-handle; more pods share it"), Whole: true));
        table.Write();
        Screen.Remark("Prices are list prices and change: --print-figures shows them with their sources; "
            + "Crispy__Prices__StorageGiBMonth and the like, or --figures, take yours.",
            new(decoration: Spectre.Console.Decoration.Dim));
    }

    private static string Mebibytes(long bytes) => Math.Ceiling(bytes / (double)(1 << 20)).ToString(CultureInfo.InvariantCulture);

    private static void Require<T>(Option<T> option, double least, double most, bool whole = false) => option.Validators.Add(result =>
    {
        if (result.Tokens is not [var token]) return;
        var isNumber = double.TryParse(token.Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number);
        if (isNumber && number >= least && number <= most && !(whole && number != Math.Floor(number))) return;
        result.AddError(string.Create(CultureInfo.InvariantCulture,
            $"{option.Name} '{token.Value}' is not a {(whole ? "whole " : "")}number from {least} to {most}"));
    });

    private static void RequireSpan(OptionResult option)
    {
        if (option.Tokens is [var token]
            && Span(token.Value) is null)
            option.AddError($"--outage '{token.Value}' is not a length of time of at most a year: 30m, 4h, 2d");
    }
}
