using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Crispy.Cli.Api;
using Crispy.Cli.Terminal;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Crispy.Cli.Commands;

/// <summary><c>crispy status</c>: whether everything records, once or as a live view.</summary>
internal sealed class StatusCommand
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Option<bool> _watch =
        new("--watch", "-w") { Description = "A live view, new each second, until Ctrl-C; with --json a document a line" };
    private readonly TimeProvider _time = TimeProvider.System;

    /// <summary>The command.</summary>
    public Command Build() => Job.Of(
        new Command("status",
            "Whether everything records: each stream, trouble first. Exit code 1 where a stream failed or cannot be reached, chunks are "
                + "dead, or RabbitMQ or a stream-handle is away.") { _watch },
        new(), RunAsync);

    private async Task<int> RunAsync(Job job, CancellationToken cancellation)
    {
        if (!job.Get(_watch))
        {
            var (answer, status, duty) = await AskAsync(job, cancellation);
            foreach (var away in status.Away ?? []) Screen.Remark($"crispy: {Screen.Printable(AwayNote.Text(away))}", new(Color.Red));
            if (job.Json) Screen.Json(answer);
            else Screen.Out.Write(View(status, duty, Screen.Out.Profile.Width));
            return IsInTrouble(status, duty) ? ExitCode.Findings : ExitCode.Well;
        }
        if (job.Json)
            await WatchAsync(job,
                (answer, away) => { if (answer is not null) Screen.Json(answer, compact: true); else Screen.Remark($"crispy: {away}"); },
                cancellation);
        else if (Console.IsOutputRedirected)
            throw new UnableException("--watch needs a terminal; elsewhere --watch --json prints a document a line");
        else await ShowAsync(job, cancellation);
        return ExitCode.Well;
    }

    // The duty report lies in the status, as its member "duty".
    private static async Task<(JsonObject Answer, StatusReport Status, DutyReport? Duty)> AskAsync(Job job, CancellationToken cancellation)
    {
        var answer = (JsonObject)await job.Api.GetAsync("api/status", cancellation);
        try
        {
            answer["duty"] = (await job.Api.GetAsync("api/duty", cancellation)).DeepClone();
        }
        catch (RefusedException)
        {
            // stream-handle is older than this program.
        }
        return (answer, answer.As<StatusReport>(), answer["duty"]?.As<DutyReport>());
    }

    private bool IsInTrouble(StatusReport status, DutyReport? duty) =>
        duty is { Level: Level.Bad } || status.Broker is not null || status.Away is { Count: > 0 }
        || status.Streams.Any(stream => stream.Dead > 0 || Condition.Of(stream, _time.GetUtcNow()).Level == Level.Bad);

    // The terminal's other screen: what stood there comes back when it is left, however that happens.
    private async Task ShowAsync(Job job, CancellationToken cancellation)
    {
        await job.Api.GetAsync("api/status", cancellation);
        StatusReport? last = null;
        DutyReport? duty = null;
        Screen.Out.Write(new ControlCode("\u001b[?1049h\u001b[H\u001b[?25l"));
        try
        {
            await WatchAsync(job, (answer, away) =>
            {
                last = answer?.As<StatusReport>() ?? last;
                duty = answer?["duty"]?.As<DutyReport>() ?? duty;
                Draw(job, last, duty, away);
            }, cancellation);
        }
        finally
        {
            Screen.Out.Write(new ControlCode("\u001b[?25h\u001b[?1049l"));
        }
    }

    private void Draw(Job job, StatusReport? status, DutyReport? duty, string? away)
    {
        // A pseudo-terminal that was given no size says 0.
        var (width, height) =
            (Console.WindowWidth is > 0 and var columns ? columns : 80, Console.WindowHeight is > 0 and var rows ? rows : 24);
        Screen.Out.Profile.Width = width;
        List<IRenderable> parts = [
            new Text($"{Words.Time(_time.GetUtcNow(), TimeZoneInfo.Utc)[..19]}Z  {job.Api.Address.Url.AbsoluteUri.TrimEnd('/')}  "
                + $"Ctrl-C ends", new Style(decoration: Decoration.Dim)) { Overflow = Overflow.Ellipsis }];
        foreach (var trouble in (away is null ? [] : (string[])[away]).Concat((status?.Away ?? []).Select(AwayNote.Text)))
            parts.Add(new Text(Screen.Printable(trouble), new Style(Color.Red)));
        if (status is not null) parts.Add(Fitting(status, duty, width, height - parts.Sum(part => Height(part, width)) - 1));
        // Drawn over the old picture, so that nothing flickers; then what is left of that goes.
        Screen.Out.Write(new ControlCode("\u001b[H\u001b[J"));
        foreach (var part in parts)
        {
            Screen.Out.Write(part);
            if (part is Text) Screen.Out.WriteLine();
        }
    }

    // As many streams as the screen has room for: a cause may take several lines.
    private Rows Fitting(StatusReport status, DutyReport? duty, int width, int height)
    {
        var rows = Math.Clamp(height - 3, 1, Math.Max(1, status.Streams.Count));
        for (; rows > 1; rows--)
        {
            var view = View(status, duty, width, rows);
            if (Height(view, width) <= height) return view;
        }
        return View(status, duty, width, 1);
    }

    private static int Height(IRenderable part, int width) =>
        Segment.SplitLines(part.Render(RenderOptions.Create(Screen.Out), width)).Count;

    private async Task WatchAsync(Job job, Action<JsonNode?, string?> tell, CancellationToken cancellation)
    {
        try
        {
            using var tick = new PeriodicTimer(Interval, _time);
            do
            {
                try
                {
                    tell((await AskAsync(job, cancellation)).Answer, null);
                }
                catch (UnreachableException away)
                {
                    tell(null, away.Message);
                }
            }
            while (await tick.WaitForNextTickAsync(cancellation));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Ctrl-C is how a live view ends.
        }
    }

    private Rows View(StatusReport status, DutyReport? duty, int width, int mostRows = int.MaxValue)
    {
        var law = status.Law is { } sum
            ? $"captured {sum.Captured} = stored {sum.Stored} + spooled {sum.Spooled} + dead {sum.Dead} + lost {sum.Lost}"
            : "the journals are being read";
        List<IRenderable> parts =
        [
            .. DutyLines.Of(duty),
            new Text($"up {Words.Span(_time.GetUtcNow() - status.StartedAt)}, spool {Words.Bytes(status.SpoolBytes)}, RabbitMQ "
                + $"{status.Broker ?? "well"}", status.Broker is null ? default(Style?) : new Style(Color.Red)),
            new Text(law, status.Dead > 0 ? new Style(Color.Red) : default(Style?)),
        ];
        if (status.Streams.Count == 0) parts.Add(new Text("No streams yet: crispy add ID URL"));
        else parts.Add(StreamTable.Of(status.Streams, _time.GetUtcNow(), mostRows).Fit(width));
        if (status.Streams.Count > mostRows)
            parts.Add(new Text(string.Create(CultureInfo.InvariantCulture, $"… {status.Streams.Count - mostRows} more")));
        return new(parts);
    }
}
