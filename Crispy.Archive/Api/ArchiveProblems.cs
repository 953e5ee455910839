using Crispy.Exporting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Crispy.Archive.Api;

/// <summary>Answers the archive's exceptions as problem details.</summary>
internal sealed class ArchiveProblems(ILogger<ArchiveProblems> logger) : IEndpointFilter
{
    private const int ClientClosedRequest = 499;

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context).ConfigureAwait(false);
        }
        catch (Exception failure) when (!context.HttpContext.Response.HasStarted && Answer(failure, context.HttpContext) is { } answer)
        {
            return answer;
        }
    }

    private IResult? Answer(Exception failure, HttpContext context)
    {
        switch (failure)
        {
            case ArchiveQueryException wrong:
                return Results.ValidationProblem(new Dictionary<string, string[]> { [wrong.Field] = [wrong.Message] });
            case NotInArchiveException absent:
                return Results.Problem(absent.Message, statusCode: StatusCodes.Status404NotFound, title: "Not in the archive");
            case ArchiveAwayException away:
                Log.BucketAway(logger, away.Message);
                context.Response.Headers.RetryAfter = "5";
                return Results.Problem(away.Message, statusCode: StatusCodes.Status503ServiceUnavailable,
                    title: "The archive cannot answer");
            case ArchiveBusyException busy:
                context.Response.Headers.RetryAfter = "10";
                return Results.Problem(busy.Message, statusCode: StatusCodes.Status503ServiceUnavailable, title: "Too much to do");
            case ExportException unable:
                return Results.Problem(unable.Message, statusCode: StatusCodes.Status422UnprocessableEntity,
                    title: "It cannot be exported");
            case InvalidDataException damaged:
                return Results.Problem(damaged.Message, statusCode: StatusCodes.Status404NotFound, title: "The chunk cannot be played");
            case OperationCanceledException when context.RequestAborted.IsCancellationRequested:
                return Results.StatusCode(ClientClosedRequest);
            default:
                return null;
        }
    }
}
