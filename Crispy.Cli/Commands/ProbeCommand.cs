using System.CommandLine;
using System.Text.Json.Nodes;
using Crispy.Cli.Api;
using Crispy.Cli.Terminal;
using Crispy.Contracts;
using Spectre.Console;

namespace Crispy.Cli.Commands;

/// <summary><c>crispy probe</c>: tries an address before it is recorded.</summary>
internal sealed class ProbeCommand
{
    private readonly Argument<string> _url = SourceArgument.Make();
    private readonly Option<string?> _transport = new("--rtsp-transport") { Description = "tcp or udp (tcp)", HelpName = "TRANSPORT" };
    private readonly Option<string?> _picture =
        new("--picture") { Description = "Write its first picture, a JPEG, to this file", HelpName = "FILE" };

    /// <summary>The command.</summary>
    public Command Build()
    {
        _transport.AcceptOnly("tcp", "udp");
        return Job.Of(
            new Command("probe",
                "Opens an address as stream-handle would, for 15 s at most: codecs, size, frames, keyframes, audio, or why not. Exit code "
                    + "1 where it cannot be recorded.") { _url, _transport, _picture }, new(), RunAsync);
    }

    private async Task<int> RunAsync(Job job, CancellationToken cancellation)
    {
        var request = new JsonObject { ["url"] = SourceArgument.Read(job.Get(_url)) };
        if (job.Get(_transport) is { } transport) request["rtspTransport"] = transport;
        var answer =
            await Busy.WhileAsync("Opening it ...", () => job.Api.SendAsync(HttpMethod.Post, "api/streams/probe", request, cancellation));
        var probe = answer.As<TrialReport>();
        if (job.Get(_picture) is { } file) await SaveAsync(probe.Picture, file, cancellation);
        if (job.Json) Screen.Json(answer);
        else Print(probe);
        return probe.Ok ? ExitCode.Well : ExitCode.Findings;
    }

    private static void Print(TrialReport probe)
    {
        var table = new Listing(new Column(probe.Ok ? "can be recorded" : "cannot be recorded"), new Column("", Cut.End));
        if (probe.Error is not null) table.Add("error", new(Cause.Of(probe.Error), new Style(Color.Red), Whole: true));
        if (probe.Error is not null && Cause.Of(probe.Error) != probe.Error) table.Add("", new(probe.Error, Whole: true));
        if (probe.Advice is not null) table.Add("advice", new(probe.Advice, Whole: true));
        if (probe.Kind is not null) table.Add("kind", probe.Kind);
        if (probe.Video is { } video)
        {
            table.Add("video", $"{video.Codec}, {video.Width}x{video.Height}, {video.PixelFormat}");
            table.Add("frames", video.Fps is { } fps ? $"{Words.Number(fps)} fps" : "unknown");
            table.Add("keyframes", video.GopSeconds is { } gop ? $"every {Words.Seconds(gop)}" : "only one came in time");
            table.Add("audio", probe.Audio is { } audio ? $"{audio.Codec}, {audio.SampleRate} Hz, {audio.Channels} channels" : "none");
        }
        if (probe.FirstKeyframeSeconds is { } first) table.Add("first keyframe", $"after {Words.Seconds(first)}");
        table.Write();
    }

    private static async Task SaveAsync(string? picture, string file, CancellationToken cancellation)
    {
        if (picture?.Split(";base64,") is not [_, var data])
            throw new CommandException(ExitCode.Findings, $"--picture {file}: no picture came");
        await File.WriteAllBytesAsync(file, Convert.FromBase64String(data), cancellation);
    }
}
