using System.Globalization;
using System.Text.Json;
using Crispy.Console.Auditing;
using Crispy.Console.Forwarding;
using Crispy.Console.People;

namespace Crispy.Console.Access;

/// <summary>Stands behind the guard: refuses what a role may not do,
/// and has everything else that counts written into the audit log, once.</summary>
public static class Clerk
{
    /// <summary>Adds it.</summary>
    public static void UseClerk(this IApplicationBuilder app) => app.Use((context, next) => JudgeAsync(context, next));

    /// <summary>Where a request came from.</summary>
    internal static string? Client(this HttpContext context) => context.Connection.RemoteIpAddress?.ToString();

    /// <summary>What is said to somebody whose role does not suffice.</summary>
    internal static string Sentence(Person person, Operation operation) =>
        $"This needs the role {ApiEnum.Name(operation.Least)}; {person.Name} has the role {ApiEnum.Name(person.Role)}.";

    private static async Task JudgeAsync(HttpContext context, RequestDelegate next)
    {
        var operation = Operations.Of(context.GetEndpoint(), context.Request);
        var person = context.Person();
        if (person.Role < operation.Least && !(operation == Operations.See && Guard.IsOpen(context.Request.Path)))
        {
            await RefuseAsync(context, person, operation);
            return;
        }
        if (operation.Action is not { } action)
        {
            await next(context);
            return;
        }
        AuditDraft draft;
        try
        {
            draft = await DraftAsync(context, new(person, action) { Client = context.Client() });
        }
        catch (BadHttpRequestException bad)
        {
            await Results.Problem(bad.Message, statusCode: bad.StatusCode).ExecuteAsync(context);
            return;
        }
        await (operation.Changes ? ChangeAsync(context, next, draft) : TakeOutAsync(context, next, draft));
    }

    private static async Task RefuseAsync(HttpContext context, Person person, Operation operation)
    {
        var text = Sentence(person, operation);
        await context.RequestServices.GetRequiredService<AuditLog>().NoteAsync(new(person, AuditAction.Refused)
        {
            Detail = Words.Short($"{context.Request.Method} {context.Request.Path}"), Client = context.Client(),
            Stream = Stream(context.Request.RouteValues),
        }, StatusCodes.Status403Forbidden);
        if (Guard.IsForPage(context.Request)) await PlainPage.RefuseAsync(context, text);
        else await Results.Problem(text, statusCode: StatusCodes.Status403Forbidden, title: "Not allowed", type: ProblemTypes.NotAllowed)
            .ExecuteAsync(context);
    }

    // Begun before it is done; ended before anybody is told how.
    private static async Task ChangeAsync(HttpContext context, RequestDelegate next, AuditDraft draft)
    {
        var audit = context.RequestServices.GetRequiredService<AuditLog>();
        AuditEntry begun;
        try
        {
            begun = audit.Begin(draft);
        }
        catch (AuditException unable)
        {
            await unable.ToProblem().ExecuteAsync(context);
            return;
        }
        var isEnded = false;
        context.Response.OnStarting(() =>
        {
            End(context.Response.StatusCode);
            return Task.CompletedTask;
        });
        try
        {
            await next(context);
            End(context.RequestAborted.IsCancellationRequested ? StatusCodes.Status499ClientClosedRequest : context.Response.StatusCode);
        }
        finally
        {
            End(StatusCodes.Status500InternalServerError);
        }

        void End(int status)
        {
            if (isEnded) return;
            isEnded = true;
            audit.End(begun, status);
        }
    }

    private static async Task TakeOutAsync(HttpContext context, RequestDelegate next, AuditDraft draft)
    {
        var audit = context.RequestServices.GetRequiredService<AuditLog>();
        // HEAD and a second try of a part are no other taking out, but cannot be told apart from one.
        context.Response.OnStarting(() => audit.NoteAsync(draft, context.Response.StatusCode));
        await next(context);
    }

    private static async Task<AuditDraft> DraftAsync(HttpContext context, AuditDraft draft)
    {
        var (request, route) = (context.Request, context.Request.RouteValues);
        draft = draft
            with { Stream = Stream(route), Chunks = Chunk(route) is { } chunk ? [chunk] : null, From = Time(request, "from"),
                To = Time(request, "to") };
        if (draft.Action == AuditAction.Asked) return draft with { Detail = Words.Short($"{request.Method} {request.Path}") };
        if (draft.Action is AuditAction.Exported)
            return draft with { Detail = Words.Short(request.Path), Stream = draft.Stream ?? Id(request.Query["stream"]) };
        if (!RequestGuard.IsJson(request) || HttpMethods.IsGet(request.Method)) return draft;
        return await BodyAsync(context) is { ValueKind: JsonValueKind.Object } body ? Read(body, draft) : draft;
    }

    // Buffered in memory, so that the one who answers can read it again.
    private static async Task<JsonElement?> BodyAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.ContentLength > ApiForwarder.MaxBody) return null;
        request.EnableBuffering(bufferThreshold: 2 * ApiForwarder.MaxBody);
        try
        {
            using var document = await JsonDocument.ParseAsync(request.Body, new() { MaxDepth = 16 }, context.RequestAborted);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
        finally
        {
            request.Body.Position = 0;
        }
    }

    private static AuditDraft Read(JsonElement body, AuditDraft draft)
    {
        var told = new List<string>();
        if (draft.Action is AuditAction.Changed or AuditAction.Added)
            told.Add($"keys: {string.Join(", ", body.EnumerateObject().Select(member => Words.Short(member.Name)).Take(50))}");
        if (Text(body, "url") is { } url) told.Add($"address: {Words.Address(url)}");
        if (Text(body, "reason") is { } reason) told.Add($"reason: {Words.Short(reason)}");
        if (body.TryGetProperty("target", out var target) && target.ValueKind == JsonValueKind.Number)
            told.Add($"target: {Words.Short(target.GetRawText())}");
        return draft with
        {
            Stream = draft.Stream ?? Id(Text(body, "id")),
            Chunks = draft.Chunks ?? Chunks(body),
            Detail = told.Count > 0 ? string.Join("; ", told) : null,
        };
    }

    private static List<string>? Chunks(JsonElement body) =>
        body.TryGetProperty("chunks", out var chunks) && chunks.ValueKind == JsonValueKind.Array
            ? [.. chunks.EnumerateArray().Where(chunk => chunk.ValueKind == JsonValueKind.String)
                .Select(chunk => Words.Short(chunk.GetString()!))] : null;

    private static string? Text(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string? Stream(RouteValueDictionary route) =>
        Id((route["id"] ?? route["stream"]) as string ?? Chunk(route)?.Split('/')[0]);

    private static string? Chunk(RouteValueDictionary route) =>
        route["chunk"] is string one ? Words.Short(Uri.UnescapeDataString(one))
        : route["sequence"] is string sequence ? Words.Short($"{route["stream"]}/{route["epoch"]}/{sequence}") : null;

    private static string? Id(string? text) => string.IsNullOrEmpty(text) ? null : Words.Short(text);

    private static DateTimeOffset? Time(HttpRequest request, string name) =>
        DateTimeOffset.TryParse(request.Query[name], CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time : null;
}
