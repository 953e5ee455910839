using System.Globalization;

namespace Crispy.Testing;

/// <summary>A real RTSP camera (gst-rtsp-server) on 127.0.0.1 that sends H.264: a moving test picture,
/// or a file's video again and again.</summary>
public sealed class RtspCamera : IAsyncDisposable
{
    private const string Python = "/usr/bin/python3";

    // Arguments: port (0 takes a free one), GStreamer's pipeline, user and password (empty: no authentication), transports (tcp, udp or
    // both). The last one says of how many RTP buffers one is lost (0: none). Prints the port, and for each keyframe the wall-clock time
    // when it was filmed and when it reached the payloader. Sender reports give the time of filming, as cameras do; GStreamer would give
    // that of sending.
    private const string Script = """
        import sys, time, gi
        gi.require_version("Gst", "1.0"); gi.require_version("GstRtspServer", "1.0"); gi.require_version("GstRtsp", "1.0")
        from gi.repository import Gst, GstRtsp, GstRtspServer, GLib
        port, launch, user, password, transports, lose = sys.argv[1:7]
        Gst.init(None)
        server = GstRtspServer.RTSPServer()
        server.set_address("127.0.0.1"); server.set_service(port)
        factory = GstRtspServer.RTSPMediaFactory()
        factory.set_shared(True); factory.set_launch(launch)
        if transports != "both":
            factory.set_protocols(GstRtsp.RTSPLowerTrans.TCP if transports == "tcp" else GstRtsp.RTSPLowerTrans.UDP)
        sent = 0
        def arrives(pad, info):
            buffer, payloader = info.get_buffer(), pad.get_parent_element()
            if buffer.has_flags(Gst.BufferFlags.DELTA_UNIT): return Gst.PadProbeReturn.OK
            clock = payloader.get_clock()
            segment = pad.get_sticky_event(Gst.EventType.SEGMENT, 0).parse_segment()
            filmed = segment.to_running_time(Gst.Format.TIME, buffer.pts)
            # Both clocks at one instant: a busy machine may stop the process between the two.
            for _ in range(100):
                now, running, later = time.time(), clock.get_time() if clock else 0, time.time()
                if later - now < 0.0005: break
            age = (running - payloader.get_base_time() - filmed) / 1e9 if clock else 0
            print("keyframe %.6f %.6f" % (now - age, now), flush=True)
            return Gst.PadProbeReturn.OK
        def leaves(pad, info):
            global sent
            sent += 1
            return Gst.PadProbeReturn.DROP if sent % int(lose) == 0 else Gst.PadProbeReturn.OK
        def report_filming(media):
            top = media.get_element()
            while top.get_parent(): top = top.get_parent()
            found = top.iterate_all_by_element_factory_name("rtpbin")
            status, rtpbin = found.next()
            if status == Gst.IteratorResult.OK: rtpbin.set_property("rtcp-sync-send-time", False)
        def configure(factory, media):
            payloader = media.get_element().get_by_name("pay0")
            payloader.get_static_pad("sink").add_probe(Gst.PadProbeType.BUFFER, arrives)
            if int(lose): payloader.get_static_pad("src").add_probe(Gst.PadProbeType.BUFFER | Gst.PadProbeType.BUFFER_LIST, leaves)
            media.connect("prepared", report_filming)
        factory.connect("media-configure", configure)
        if user:
            token = GstRtspServer.RTSPToken(); token.set_string("media.factory.role", "viewer")
            auth = GstRtspServer.RTSPAuth(); auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
            server.set_auth(auth)
            allowed = GstRtspServer.RTSPPermissions()
            allowed.add_permission_for_role("viewer", "media.factory.access", True)
            allowed.add_permission_for_role("viewer", "media.factory.construct", True)
            factory.set_permissions(allowed)
        server.get_mount_points().add_factory("/cam", factory)
        if server.attach(None) == 0: sys.exit("port taken")
        print("port", server.get_bound_port(), flush=True)
        GLib.MainLoop().run()
        """;

    private readonly TempFolder _folder = new();
    private readonly string _launch;
    private readonly string _user;
    private readonly string _password;
    private readonly string _transports;
    private readonly int _lose;
    private WatchedProcess? _process;
    private int _port;

    private RtspCamera(string launch, string user, string password, string transports, int lose) =>
        (_launch, _user, _password, _transports, _lose) = (launch, user, password, transports, lose);

    /// <summary>Its address, user and password included where it asks for them.</summary>
    public string Url => _user.Length == 0
        ? $"rtsp://127.0.0.1:{_port}/cam"
        : $"rtsp://{Uri.EscapeDataString(_user)}:{Uri.EscapeDataString(_password)}@127.0.0.1:{_port}/cam";

    /// <summary>When its keyframes were filmed, by the wall clock, so far.</summary>
    public IReadOnlyList<DateTimeOffset> Keyframes =>
        [.. WholeLines(_folder["camera.log"])
            .Where(line => line.StartsWith("keyframe ", StringComparison.Ordinal) && line.Count(each => each == ' ') == 2)
        .Select(line => DateTimeOffset.UnixEpoch + TimeSpan.FromSeconds(double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture)))];

    /// <summary>Starts a camera with any GStreamer pipeline whose payloaders are named <c>pay0</c> (video) and <c>pay1</c>.</summary>
    /// <param name="launch">The pipeline, in parentheses.</param>
    /// <param name="transports"><c>tcp</c>, <c>udp</c> or <c>both</c>: what it does not refuse.</param>
    /// <param name="lose">Of how many RTP buffers one is lost on the way; 0 loses none.</param>
    public static Task<RtspCamera> StartPipelineAsync(string launch, string transports = "both", int lose = 0) =>
        StartAsync(launch, "", "", transports, lose);

    /// <summary>Starts a camera with a moving test picture.</summary>
    /// <param name="width">Pixels of a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="fps">Frames per second.</param>
    /// <param name="gop">Frames from one keyframe to the next.</param>
    /// <param name="user">The user that it lets in; empty lets everyone in.</param>
    /// <param name="password">That user's password.</param>
    public static Task<RtspCamera> StartAsync(int width = 320, int height = 240, int fps = 25, int gop = 25, string user = "",
        string password = "") => StartAsync(
        string.Create(CultureInfo.InvariantCulture,
            $"( videotestsrc is-live=true pattern=ball ! video/x-raw,width={width},height={height},framerate={fps}/1 ! x264enc "
                + $"tune=zerolatency sliced-threads=false key-int-max={gop} ! rtph264pay name=pay0 pt=96 config-interval=-1 )"),
        user, password);

    /// <summary>Starts a camera that sends the H.264 video of an MP4 file once, in real time.</summary>
    public static Task<RtspCamera> StartFileAsync(string path, string user = "", string password = "") =>
        StartAsync($"( filesrc location=\"{path}\" ! qtdemux ! h264parse ! rtph264pay name=pay0 pt=96 config-interval=-1 )", user,
            password);

    private static async Task<RtspCamera> StartAsync(string launch, string user, string password, string transports = "both", int lose = 0)
    {
        var camera = new RtspCamera(launch, user, password, transports, lose);
        await camera.StartAsync();
        return camera;
    }

    /// <summary>Starts a stopped camera again, at the same address.</summary>
    public async Task StartAsync()
    {
        var log = _folder["camera.log"];
        File.WriteAllText(log, "");
        _process = await WatchedProcess.StartAsync(log, new Dictionary<string, string>(), Python, "-c", Script, $"{_port}", _launch, _user,
            _password, _transports, $"{_lose}");
        await Until.TrueAsync(() => !_process.IsRunning || PrintedPort(log) is not null);
        _port = PrintedPort(log) ?? throw new InvalidOperationException($"the camera does not start: {File.ReadAllText(log)}");
    }

    /// <summary>Pulls the plug.</summary>
    public async Task StopAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
        _process = null;
    }

    /// <summary>Freezes it: connections stay open, nothing comes any more.</summary>
    public Task FreezeAsync() => (_process ?? throw new InvalidOperationException("the camera does not run")).SignalAsync("STOP");

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _folder.Dispose();
    }

    // The last line may be half written.
    private static IEnumerable<string> WholeLines(string log) => File.ReadAllText(log).Split('\n').SkipLast(1);

    private static int? PrintedPort(string log) =>
        WholeLines(log).FirstOrDefault(line => line.StartsWith("port ", StringComparison.Ordinal)) is { } line
        ? int.Parse(line["port ".Length..], CultureInfo.InvariantCulture)
        : null;
}
