using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;

namespace Crispy.StreamHandle.Api;

/// <summary>What the OpenAPI document says of each endpoint beyond its types.</summary>
internal static class ApiDescription
{
    private const string ProblemJson = "application/problem+json";

    /// <summary>Adds the document.</summary>
    public static void AddApiDescription(this IServiceCollection services)
    {
        services.AddOpenApi("v1", options => options.Describe("Crispy stream-handle",
            "The streams of one spool: what they do, what they are, what is dead. Errors are problem details (RFC 9457); those of a field "
                + "name it in errors."));
    }

    /// <summary>Names and describes an endpoint.</summary>
    public static RouteHandlerBuilder Describe(this RouteHandlerBuilder endpoint, string name, string summary, string description) =>
        endpoint.WithName(name).WithSummary(summary).WithDescription(description).Refuses(StatusCodes.Status401Unauthorized);

    /// <summary>Says with which statuses an endpoint refuses; 400 names the fields.</summary>
    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder endpoint, params int[] statuses)
    {
        foreach (var status in statuses)
        {
            if (status == StatusCodes.Status400BadRequest) endpoint.Produces<HttpValidationProblemDetails>(status, ProblemJson);
            else endpoint.Produces<ProblemDetails>(status, ProblemJson);
        }
        return endpoint;
    }

    /// <summary>Describes <c>limit</c> and <c>after</c>.</summary>
    public static RouteHandlerBuilder Paged(this RouteHandlerBuilder endpoint, string after) =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
    {
        foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
        {
            if (parameter.Name == "after") parameter.Description = $"Begins behind it: {after}, as its next says.";
            if (parameter.Name != "limit") continue;
            parameter.Description = "How many items at most.";
            parameter.Schema =
                new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1", Maximum = "1000", Default = JsonValue.Create(100) };
        }
        return Task.CompletedTask;
    });

    /// <summary>Describes <c>If-Match</c>.</summary>
    public static RouteHandlerBuilder Conditional(this RouteHandlerBuilder endpoint) =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
    {
        (operation.Parameters ??= []).Add(new OpenApiParameter
        {
            Name = "If-Match", In = ParameterLocation.Header,
            Description = "The version that the change is meant for, in quotation marks; 412 where it is another one by now.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        });
        return Task.CompletedTask;
    });
}
