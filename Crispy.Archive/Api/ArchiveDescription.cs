using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;

namespace Crispy.Archive.Api;

/// <summary>What the OpenAPI document says of the archive's endpoints beyond their types.</summary>
internal static class ArchiveDescription
{
    private const string ProblemJson = "application/problem+json";

    /// <summary>A parameter of the query.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Schema">What it may be.</param>
    /// <param name="Description">What it means.</param>
    internal sealed record Query(string Name, OpenApiSchema Schema, string Description);

    /// <summary>A time.</summary>
    public static Query Instant(string name, string description) =>
        new(name, new() { Type = JsonSchemaType.String, Format = "date-time" }, $"{description} ISO 8601; without an offset it is UTC.");

    /// <summary>A whole number.</summary>
    public static Query Number(string name, int usual, int most, string description) =>
        new(name, new() { Type = JsonSchemaType.Integer, Minimum = "1", Maximum = $"{most}", Default = JsonValue.Create(usual) },
            description);

    /// <summary>A text.</summary>
    public static Query Text(string name, string description) => new(name, new() { Type = JsonSchemaType.String }, description);

    /// <summary>One of some words.</summary>
    public static Query Choice(string name, string usual, string description, params string[] among) => new(name, new()
    {
        Type = JsonSchemaType.String, Enum = [.. among.Select(each => (JsonNode)JsonValue.Create(each))], Default = JsonValue.Create(usual),
    }, description);

    /// <summary>Yes or no.</summary>
    public static Query Flag(string name, bool usual, string description) =>
        new(name, new() { Type = JsonSchemaType.Boolean, Default = JsonValue.Create(usual) }, description);

    /// <summary>A range of time.</summary>
    /// <param name="usual">The range where none is given.</param>
    public static Query[] Range(string usual) =>
        [Instant("from", $"Begin of the range; by default {usual}."), Instant("to", "End of the range; by default now.")];

    /// <summary>Names and describes an endpoint, with the errors that each has.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="name">The operation's id.</param>
    /// <param name="summary">What it is, in some words.</param>
    /// <param name="description">What it does, in a sentence.</param>
    /// <param name="queries">The parameters of its query.</param>
    public static RouteHandlerBuilder Describe(this RouteHandlerBuilder endpoint, string name, string summary,
        string description, params Query[] queries)
    {
        endpoint.WithName(name).WithSummary(summary).WithDescription(description)
            .Produces<HttpValidationProblemDetails>(StatusCodes.Status400BadRequest, ProblemJson)
            .Produces<ProblemDetails>(StatusCodes.Status401Unauthorized, ProblemJson)
            .Produces<ProblemDetails>(StatusCodes.Status503ServiceUnavailable, ProblemJson);
        return queries.Length == 0 ? endpoint : endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            foreach (var query in queries)
                (operation.Parameters ??= []).Add(new OpenApiParameter
                {
                    Name = query.Name, In = ParameterLocation.Query, Schema = query.Schema, Description = query.Description,
                });
            return Task.CompletedTask;
        });
    }
}
