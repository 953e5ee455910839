using Crispy.CloudEmulator.Http;

namespace Crispy.CloudEmulator.Faults;

/// <summary>
/// Makes requests fail as they do in the world, on demand. <c>POST /_emulator/faults</c> adds a <see cref="Fault"/>, <c>GET</c> tells how
/// many failures are left, <c>DELETE</c> clears them all. The oldest that matches a request takes it.
/// </summary>
internal sealed class FaultGate
{
    private readonly Lock _gate = new();
    private readonly List<Fault> _faults = [];
    private CancellationTokenSource _cleared = new();

    /// <summary>The control requests.</summary>
    public async Task ControlAsync(HttpContext context)
    {
        try
        {
            if (HttpMethods.IsPost(context.Request.Method)) Add(Fault.Parse(await JsonBody.ReadAsync(context.Request)));
            else if (HttpMethods.IsDelete(context.Request.Method)) Clear();
            var left = Left();
            await JsonBody.WriteAsync(context, JsonBody.Compose(json =>
            {
                json.WriteStartObject();
                json.WriteNumber("left", left);
                json.WriteEndObject();
            }));
        }
        catch (StorageException error)
        {
            await ErrorAnswer.WriteJsonAsync(context, error);
        }
    }

    /// <summary>Lets a request through to what serves it, or through a fault.</summary>
    public Task PassAsync(HttpContext context, RequestDelegate serve) =>
        Take(context.Request) is var (fault, clearing) ? FailAsync(context, fault, serve, clearing) : serve(context);

    private static async Task FailAsync(HttpContext context, Fault fault, RequestDelegate serve, CancellationToken clearing)
    {
        var hasBody = context.Request.ContentLength is > 0 || context.Request.Headers.TransferEncoding.Count > 0;
        switch (fault.Kind)
        {
            case FaultKind.WrongCrc:
                context.Items[HttpContextExtensions.WrongCrc] = true;
                await serve(context);
                return;
            case FaultKind.WholeHash:
                context.Items[HttpContextExtensions.WholeHash] = true;
                await serve(context);
                return;
            case FaultKind.Slow:
                await StallAsync(context, clearing);
                await serve(context);
                return;
            case FaultKind.Redirect:
                context.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
                context.Response.Headers.Location = context.BaseUri() + RequestTarget.Of(context).RawPath + context.Request.QueryString;
                return;
            case FaultKind.Truncate:
                context.Response.Body = new HalfAnswer(context, reset: false);
                await serve(context);
                return;
            case FaultKind.ResetMidBody when hasBody && !fault.AfterStore:
                context.Request.Body = new HalfRequest(context);
                await serve(context);
                context.Abort();
                return;
            case FaultKind.ResetMidBody:
                context.Response.Body = new HalfAnswer(context, reset: true);
                await serve(context);
                context.Abort();
                return;
        }
        if (fault.AfterStore) await ServeUnseenAsync(context, serve);
        else if (fault.AfterBytes > 0) await PassOverAsync(context, fault.AfterBytes);
        if (fault.Kind == FaultKind.Stall) await StallAsync(context, clearing);
        if (fault.Kind == FaultKind.Status) await AnswerAsync(context, fault);
        else context.Abort();
    }

    private static async Task ServeUnseenAsync(HttpContext context, RequestDelegate serve)
    {
        var body = context.Response.Body;
        context.Response.Body = Stream.Null;
        await serve(context);
        context.Response.Body = body;
        if (!context.RequestAborted.IsCancellationRequested) context.Response.Clear();
    }

    private static async Task PassOverAsync(HttpContext context, int bytes)
    {
        var block = new byte[16 * 1024];
        for (int read;
            bytes > 0
            && (read = await context.Request.Body.ReadAsync(block.AsMemory(0, Math.Min(block.Length, bytes)), context.RequestAborted)) > 0;)
            bytes -= read;
        context.Response.Headers.Connection = "close";
    }

    private static async Task StallAsync(HttpContext context, CancellationToken clearing)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, clearing);
        var ended = new TaskCompletionSource();
        await using (end.Token.Register(() => ended.TrySetResult())) await ended.Task;
    }

    private static Task AnswerAsync(HttpContext context, Fault fault)
    {
        var reason = fault.Status switch
        {
            401 => "authError",
            403 => "forbidden",
            404 => "notFound",
            408 => "requestTimeout",
            412 => "conditionNotMet",
            429 => "rateLimitExceeded",
            >= 500 => "backendError",
            _ => "invalid",
        };
        var error = new StorageException(fault.Status, reason, reason, $"Injected fault: {fault.Status}");
        return ErrorAnswer.WriteAsync(context, error);
    }

    // A fault and the clearing that ends it, taken at once: faults cleared in between would leave a stall without an end.
    private (Fault Fault, CancellationToken Clearing)? Take(HttpRequest request)
    {
        lock (_gate)
        {
            if (_faults.Count == 0) return null;
            var path = RequestTarget.Of(request.HttpContext).RawPath;
            var taker = _faults.FirstOrDefault(fault => fault.Takes(request, path));
            _faults.RemoveAll(fault => fault.Left == 0);
            return taker is null ? null : (taker, _cleared.Token);
        }
    }

    private void Add(Fault fault)
    {
        lock (_gate) _faults.Add(fault);
    }

    private long Left()
    {
        lock (_gate) return _faults.Sum(fault => (long)fault.Left);
    }

    private void Clear()
    {
        CancellationTokenSource before;
        lock (_gate)
        {
            _faults.Clear();
            (before, _cleared) = (_cleared, new());
        }
        before.Cancel();
    }
}
