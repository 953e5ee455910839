using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Microsoft.Extensions.Hosting;

/// <summary>What the OpenAPI documents of Crispy's processes have in common.</summary>
public static class ApiDocument
{
    /// <summary>The security scheme's name in a document.</summary>
    public const string Bearer = "bearer";

    /// <summary>Names a document, says where the API is and how a client signs in.</summary>
    /// <param name="options">The document's.</param>
    /// <param name="title">Its title.</param>
    /// <param name="description">What it holds, in sentences.</param>
    public static void Describe(this OpenApiOptions options, string title, string description)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.AddSchemaTransformer((schema, context, _) =>
        {
            TellNames(schema, context.JsonTypeInfo.Type);
            if (schema.Items is null && context.JsonTypeInfo.ElementType is { IsEnum: true } element)
            {
                var items = new OpenApiSchema();
                TellNames(items, element);
                schema.Items = items;
            }
            return Task.CompletedTask;
        });
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new()
            {
                Title = title,
                Version = "v1",
                Description = description,
            };
            // The address at which the document itself was read.
            document.Servers = [new() { Url = "/", Description = "Where this document lies" }];
            (document.Components ??= new()).SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
            {
                [Bearer] = new OpenApiSecurityScheme
                {
                    Type = SecuritySchemeType.Http,
                    Scheme = "bearer",
                    Description = "The token of Crispy:Api:Token. A run on one machine needs none.",
                },
            };
            document.Security = [new() { [new OpenApiSecuritySchemeReference(Bearer, document)] = [] }];
            return Task.CompletedTask;
        });
    }

    // What an enum's own converter writes is not seen by itself.
    private static void TellNames(OpenApiSchema schema, Type type)
    {
        var isNullable = Nullable.GetUnderlyingType(type) is not null;
        if ((Nullable.GetUnderlyingType(type) ?? type) is not { IsEnum: true } names) return;
        schema.Type = isNullable ? JsonSchemaType.String | JsonSchemaType.Null : JsonSchemaType.String;
        if (!isNullable) schema.Enum = [.. Enum.GetNames(names).Select(name => (JsonNode)JsonNamingPolicy.CamelCase.ConvertName(name))];
    }
}
