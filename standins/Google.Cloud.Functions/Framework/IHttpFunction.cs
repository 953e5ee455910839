using Microsoft.AspNetCore.Http;

namespace Google.Cloud.Functions.Framework;

/// <summary>A function that any HTTP request calls.</summary>
public interface IHttpFunction
{
    /// <summary>Handles one request.</summary>
    Task HandleAsync(HttpContext context);
}
