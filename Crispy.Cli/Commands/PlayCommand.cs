using System.CommandLine;
using System.Diagnostics;
using Crispy.Cli.Api;
using Crispy.Cli.Local;
using Crispy.Cli.Terminal;
using Crispy.Cli.Times;
using Crispy.Contracts;

namespace Crispy.Cli.Commands;

/// <summary><c>crispy play</c>: a range in a player.</summary>
internal sealed class PlayCommand
{
    private readonly TimeOptions _times = new("-10m");
    private readonly Option<bool> _print =
        new("--print") { Description = "Print the playlist's address and open nothing; any player of HLS takes it" };

    /// <summary>The command.</summary>
    public Command Build()
    {
        var options = new ApiOptions();
        var stream = StreamArgument.One(options);
        var command = new Command("play",
            "Plays a range of a stream with ffplay; where that is not installed, prints the address of the playlist (HLS).") { stream };
        _times.AddTo(command);
        command.Options.Add(_print);
        return Job.Of(command, options, (job, cancellation) => RunAsync(job, job.Get(stream), cancellation));
    }

    private async Task<int> RunAsync(Job job, string stream, CancellationToken cancellation)
    {
        var range = _times.Range(job.Parsed);
        var (from, to) = (Instants.Format(range.From), Instants.Format(range.To));
        var path = StreamArgument.Path(stream, $"/playlist.m3u8?from={Uri.EscapeDataString(from)}&to={Uri.EscapeDataString(to)}");
        await job.Api.TextAsync(path, cancellation);
        var address = new Uri(job.Api.Address.Url, path);
        var player = job.Get(_print) || job.Json ? null : Programs.Find("ffplay");
        if (player is null)
        {
            if (job.Json) Screen.Json(new System.Text.Json.Nodes.JsonObject { ["playlist"] = address.AbsoluteUri });
            else Screen.Line(address.AbsoluteUri);
            return ExitCode.Well;
        }
        await using var relay = job.Api.Token is null ? null : PlayRelay.Start(job.Api);
        var start = new ProcessStartInfo(player,
            ["-hide_banner", "-loglevel", "error", "-window_title", $"{stream} {from}",
                (relay?.Of(path) ?? address).AbsoluteUri]);
        using var playing = Process.Start(start) ?? throw new UnableException($"{player} does not start");
        try
        {
            await playing.WaitForExitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            if (!playing.HasExited) playing.Kill();
            return ExitCode.Interrupted;
        }
        return playing.ExitCode == 0 ? ExitCode.Well : throw new UnableException($"{player} ended with {playing.ExitCode}");
    }
}
