using System.Globalization;

namespace Crispy.Testing;

/// <summary>A real RTSP camera (gst-rtsp-server) on 127.0.0.1 that sends H.264: a moving test picture, or a file's video again and again.</summary>
public sealed class RtspCamera : IAsyncDisposable
{
    private const string Python = "/usr/bin/python3";

    // Arguments: port (0 takes a free one), GStreamer's pipeline, user and password (empty: no authentication). Prints the port.
    private const string Script = """
        import sys, gi
        gi.require_version("Gst", "1.0"); gi.require_version("GstRtspServer", "1.0")
        from gi.repository import Gst, GstRtspServer, GLib
        port, launch, user, password = sys.argv[1:5]
        Gst.init(None)
        server = GstRtspServer.RTSPServer()
        server.set_address("127.0.0.1"); server.set_service(port)
        factory = GstRtspServer.RTSPMediaFactory()
        factory.set_shared(True); factory.set_launch(launch)
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
    private WatchedProcess? _process;
    private int _port;

    private RtspCamera(string launch, string user, string password) => (_launch, _user, _password) = (launch, user, password);

    /// <summary>Its address, user and password included where it asks for them.</summary>
    public string Url => _user.Length == 0
        ? $"rtsp://127.0.0.1:{_port}/cam"
        : $"rtsp://{Uri.EscapeDataString(_user)}:{Uri.EscapeDataString(_password)}@127.0.0.1:{_port}/cam";

    /// <summary>Starts a camera with a moving test picture.</summary>
    /// <param name="width">Pixels of a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="fps">Frames per second.</param>
    /// <param name="gop">Frames from one keyframe to the next.</param>
    /// <param name="user">Whom it lets in; empty lets everyone in.</param>
    /// <param name="password">That user's password.</param>
    public static Task<RtspCamera> StartAsync(int width = 320, int height = 240, int fps = 25, int gop = 25, string user = "", string password = "") => StartAsync(
        string.Create(CultureInfo.InvariantCulture,
            $"( videotestsrc is-live=true pattern=ball ! video/x-raw,width={width},height={height},framerate={fps}/1 ! x264enc tune=zerolatency sliced-threads=false key-int-max={gop} ! rtph264pay name=pay0 pt=96 config-interval=-1 )"),
        user, password);

    /// <summary>Starts a camera that sends the H.264 video of an MP4 file once, in real time.</summary>
    public static Task<RtspCamera> StartFileAsync(string path, string user = "", string password = "") =>
        StartAsync($"( filesrc location=\"{path}\" ! qtdemux ! h264parse ! rtph264pay name=pay0 pt=96 config-interval=-1 )", user, password);

    private static async Task<RtspCamera> StartAsync(string launch, string user, string password)
    {
        var camera = new RtspCamera(launch, user, password);
        await camera.StartAsync();
        return camera;
    }

    /// <summary>Starts a stopped camera again, at the same address.</summary>
    public async Task StartAsync()
    {
        var log = _folder["camera.log"];
        File.WriteAllText(log, "");
        _process = await WatchedProcess.StartAsync(log, new Dictionary<string, string>(), Python, "-c", Script, $"{_port}", _launch, _user, _password);
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

    private static int? PrintedPort(string log) =>
        File.ReadLines(log).FirstOrDefault(line => line.StartsWith("port ", StringComparison.Ordinal)) is { } line ? int.Parse(line["port ".Length..], CultureInfo.InvariantCulture) : null;
}
