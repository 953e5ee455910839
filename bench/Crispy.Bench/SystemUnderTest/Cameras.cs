using System.Globalization;

namespace Crispy.Bench.SystemUnderTest;

/// <summary>
/// Real RTSP cameras at little cost: one process of gst-rtsp-server sends one encoded file under several addresses, in real time.
/// Everybody who asks for the same address gets the same packets, which are made once.
/// </summary>
/// <remarks>Its first medium begins with the first who asks for it and ends with the file: the file must be longer than the
/// measurement.</remarks>
internal sealed class Cameras : IAsyncDisposable
{
    // Arguments: file, number of addresses. Prints the port, and for each keyframe its address's number and the wall-clock time when it
    // was filmed, which is what sender reports tell too. Media begin at different parts of a second, as cameras do.
    private const string Script = """
        import sys, time, gi
        gi.require_version("Gst", "1.0"); gi.require_version("GstRtspServer", "1.0")
        from gi.repository import Gst, GstRtspServer, GLib
        path, mounts = sys.argv[1], int(sys.argv[2])
        Gst.init(None)
        server = GstRtspServer.RTSPServer(); server.set_address("127.0.0.1"); server.set_service("0")
        server.set_backlog(1024)
        def configure(factory, media, number):
            time.sleep(number / mounts / 3)
            payloader = media.get_element().get_by_name("pay0")
            def arrives(pad, info):
                buffer = info.get_buffer()
                if buffer.has_flags(Gst.BufferFlags.DELTA_UNIT): return Gst.PadProbeReturn.OK
                clock = payloader.get_clock()
                if not clock: return Gst.PadProbeReturn.OK
                filmed = pad.get_sticky_event(Gst.EventType.SEGMENT, 0).parse_segment().to_running_time(Gst.Format.TIME, buffer.pts)
                ago = clock.get_time() - payloader.get_base_time() - filmed
                print("keyframe %d %.6f" % (number, time.time() - ago / 1e9), flush=True)
                return Gst.PadProbeReturn.OK
            payloader.get_static_pad("sink").add_probe(Gst.PadProbeType.BUFFER, arrives)
            def prepared(media):
                top = media.get_element()
                while top.get_parent(): top = top.get_parent()
                status, rtpbin = top.iterate_all_by_element_factory_name("rtpbin").next()
                if status == Gst.IteratorResult.OK: rtpbin.set_property("rtcp-sync-send-time", False)
            media.connect("prepared", prepared)
        for number in range(mounts):
            factory = GstRtspServer.RTSPMediaFactory()
            factory.set_shared(True)
            factory.set_launch('( filesrc location="%s" ! qtdemux ! h264parse ! rtph264pay name=pay0 pt=96 config-interval=-1 )' % path)
            factory.connect("media-configure", configure, number)
            server.get_mount_points().add_factory("/cam-%d" % number, factory)
        if server.attach(None) == 0: sys.exit("no port")
        print("port", server.get_bound_port(), flush=True)
        GLib.MainLoop().run()
        """;

    private readonly TempFolder _folder = new();
    private readonly int _mounts;
    private WatchedProcess? _process;
    private string _port = "";

    private Cameras(int mounts) => _mounts = mounts;

    /// <summary>Starts the cameras.</summary>
    /// <param name="file">What they send (<see cref="SourceVideo"/>).</param>
    /// <param name="mounts">Different addresses.</param>
    public static async Task<Cameras> StartAsync(string file, int mounts)
    {
        var cameras = new Cameras(mounts);
        var log = cameras._folder["cameras.log"];
        File.WriteAllText(log, "");
        var environment = new Dictionary<string, string>();
        cameras._process = await WatchedProcess.StartAsync(log, environment, "/usr/bin/python3", "-c", Script, file, $"{mounts}");
        await Until.TrueAsync(() => !cameras._process.IsRunning || Line(log, "port ") is not null);
        cameras._port = Line(log, "port ") ?? throw new InvalidOperationException($"the cameras do not start: {File.ReadAllText(log)}");
        return cameras;
    }

    /// <summary>Whether they still send.</summary>
    public bool IsRunning => _process is { IsRunning: true };

    /// <summary>The address for a stream; streams share addresses.</summary>
    public string Url(int stream) => $"rtsp://127.0.0.1:{_port}/cam-{stream % _mounts}";

    /// <summary>When the keyframes that a stream gets were filmed, UTC, in order.</summary>
    public IReadOnlyList<DateTimeOffset> Keyframes(int stream) => [.. File.ReadLines(_folder["cameras.log"]).Select(line => line.Split(' '))
        .Where(words => words is ["keyframe", var number, _] && number == $"{stream % _mounts}")
        .Select(words => DateTimeOffset.UnixEpoch + TimeSpan.FromSeconds(double.Parse(words[2], CultureInfo.InvariantCulture)))];

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
        _folder.Dispose();
    }

    private static string? Line(string log, string start) =>
        File.ReadLines(log).FirstOrDefault(line => line.StartsWith(start, StringComparison.Ordinal))?[start.Length..];
}
