namespace Crispy.Console.Access;

/// <summary>Something that somebody may ask of the console.</summary>
/// <param name="Least">The role that it needs at least.</param>
/// <param name="Action">How the audit log calls it; null for what is not written there: looking and playing.</param>
/// <param name="Changes">Whether it changes something: then it is done only where the audit log takes an entry of it.</param>
public sealed record Operation(Role Least, AuditAction? Action = null, bool Changes = false);

/// <summary>Which operation needs which role: the one table of it, for the API and for the pages.</summary>
public static class Operations
{
    /// <summary>To look, and to play.</summary>
    public static readonly Operation See = new(Role.Viewer);

    /// <summary>To add a stream.</summary>
    public static readonly Operation Add = new(Role.Operator, AuditAction.Added, true);

    /// <summary>To change one.</summary>
    public static readonly Operation Change = new(Role.Operator, AuditAction.Changed, true);

    /// <summary>To pause one.</summary>
    public static readonly Operation Pause = new(Role.Operator, AuditAction.Paused, true);

    /// <summary>To resume one.</summary>
    public static readonly Operation Resume = new(Role.Operator, AuditAction.Resumed, true);

    /// <summary>To start one again.</summary>
    public static readonly Operation Restart = new(Role.Operator, AuditAction.Restarted, true);

    /// <summary>To remove one.</summary>
    public static readonly Operation Remove = new(Role.Admin, AuditAction.Removed, true);

    /// <summary>To have stream-handle open an address.</summary>
    public static readonly Operation Probe = new(Role.Operator, AuditAction.Probed, true);

    /// <summary>To send dead chunks again.</summary>
    public static readonly Operation Replay = new(Role.Operator, AuditAction.Replayed, true);

    /// <summary>To give dead chunks up.</summary>
    public static readonly Operation Discard = new(Role.Admin, AuditAction.Discarded, true);

    /// <summary>To keep a range at any age.</summary>
    public static readonly Operation Hold = new(Role.Operator, AuditAction.Held, true);

    /// <summary>To end that: what is older than it is kept is then deleted.</summary>
    public static readonly Operation Release = new(Role.Admin, AuditAction.Released, true);

    /// <summary>To take a range of video, an account or a report out.</summary>
    public static readonly Operation Export = new(Role.Operator, AuditAction.Exported);

    /// <summary>To take a chunk out.</summary>
    public static readonly Operation Download = new(Role.Operator, AuditAction.Downloaded);

    /// <summary>To send a test notice.</summary>
    public static readonly Operation TestNotify = new(Role.Admin, AuditAction.Tested, true);

    /// <summary>To read the audit log.</summary>
    public static readonly Operation ReadAudit = new(Role.Admin);

    // What stream-handle may have that this version does not know of: to look is harmless there, anything else is not.
    private static readonly Operation Unknown = new(Role.Admin, AuditAction.Asked, true);

    private static readonly Dictionary<string, Operation> Table = new(StringComparer.OrdinalIgnoreCase)
    {
        ["GET /api/streams"] = See,
        ["GET /api/streams/{id}"] = See,
        ["GET /api/streams/{id}/spool"] = See,
        ["GET /api/streams/{id}/spool/{sequence}"] = Download,
        ["POST /api/streams"] = Add,
        ["PUT /api/streams/{id}"] = Change,
        ["PATCH /api/streams/{id}"] = Change,
        ["DELETE /api/streams/{id}"] = Remove,
        ["POST /api/streams/import"] = Add,
        ["POST /api/streams/probe"] = Probe,
        ["POST /api/streams/{id}/pause"] = Pause,
        ["POST /api/streams/{id}/resume"] = Resume,
        ["POST /api/streams/{id}/restart"] = Restart,
        ["GET /api/dead"] = See,
        ["GET /api/dead/{chunk}"] = See,
        ["GET /api/dead/{stream}/{epoch}/{sequence}"] = See,
        ["POST /api/dead/replay"] = Replay,
        ["POST /api/dead/{chunk}/replay"] = Replay,
        ["POST /api/dead/{stream}/{epoch}/{sequence}/replay"] = Replay,
        ["POST /api/dead/discard"] = Discard,
        ["POST /api/dead/{chunk}/discard"] = Discard,
        ["POST /api/dead/{stream}/{epoch}/{sequence}/discard"] = Discard,
        ["GET /api/status"] = See,
        ["GET /api/duty"] = See,
        ["GET /api/events"] = See,
        ["GET /api/chunks"] = See,
        ["GET /api/chunks/{stream}/{epoch}/{sequence}"] = See,
        ["GET /api/chunks/{stream}/{epoch}/{sequence}/url"] = Download,
        ["GET /download/{stream}/{epoch}/{sequence}"] = Download,
        ["GET /api/streams/{stream}/timeline"] = See,
        ["GET /api/streams/{stream}/trend"] = See,
        ["GET /api/streams/{stream}/thumbnail"] = See,
        ["GET /api/streams/{stream}/playlist.m3u8"] = See,
        ["GET /api/streams/{stream}/live.m3u8"] = See,
        ["GET /api/streams/{stream}/segments/init/{name}.mp4"] = See,
        ["GET /api/streams/{stream}/segments/{offset:long}/{name}.m4s"] = See,
        ["GET /api/streams/{stream}/converted/init/{name}.mp4"] = See,
        ["GET /api/streams/{stream}/converted/{offset:long}/{name}.m4s"] = See,
        ["GET /api/streams/{stream}/export/plan"] = See,
        ["GET /api/streams/{stream}/export/progress"] = See,
        ["GET /api/streams/{stream}/export"] = Export,
        ["GET /api/streams/{stream}/holds"] = See,
        ["PUT /api/streams/{stream}/holds"] = Hold,
        ["DELETE /api/streams/{stream}/holds"] = Release,
        ["GET /api/retention"] = See,
        ["GET /api/ledger"] = See,
        ["GET /api/ledger.csv"] = Export,
        ["GET /api/ledger/report"] = Export,
        ["GET /api/notify"] = See,
        ["POST /api/notify/test"] = TestNotify,
        ["GET /api/audit"] = ReadAudit,
        ["GET /cameras/new"] = Add,
        ["GET /cameras/many"] = Add,
        ["GET /cameras/{Id}/edit"] = Change,
        ["GET /audit"] = ReadAudit,
    };

    /// <summary>The routes that the table has: <c>GET /api/streams</c>.</summary>
    public static IReadOnlyCollection<string> Routes => Table.Keys;

    /// <summary>What a request asks for, by the endpoint that will answer it: never by its path's text, which has many spellings.</summary>
    public static Operation Of(Endpoint? endpoint, HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (endpoint is not RouteEndpoint { RoutePattern.RawText: { } text }) return See;
        var route = "/" + text.TrimStart('/');
        var methods = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [];
        foreach (var method in methods)
            if (Table.TryGetValue($"{method} {route}", out var found)) return IsPage(endpoint) ? new(found.Least) : found;
        if (!IsOurs(route) || (methods.Count == 0 && IsLook(request.Method))) return See;
        return Unknown;
    }

    // Opening a page of a form is no operation yet; what the form does is asked for by the page.
    private static bool IsPage(Endpoint endpoint) =>
        endpoint.Metadata.GetMetadata<Microsoft.AspNetCore.Components.Endpoints.ComponentTypeMetadata>() is not null;

    private static bool IsOurs(string route) =>
        route.StartsWith("/api/", StringComparison.OrdinalIgnoreCase) || route.StartsWith("/download", StringComparison.OrdinalIgnoreCase);

    // HEAD and OPTIONS have no endpoint of their own.
    private static bool IsLook(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);
}
