using Microsoft.AspNetCore.Diagnostics;

namespace Crispy.Console.Access;

/// <summary>What is said where there is no answer: a page to people, problem details (RFC 9457) to programs.</summary>
public static class ErrorPages
{
    /// <summary>The page that says that there is none.</summary>
    public const string NotFoundPath = "/not-found";

    /// <summary>Adds both.</summary>
    public static void UseErrorPages(this WebApplication app)
    {
        app.UseStatusCodePagesWithReExecute(NotFoundPath, createScopeForStatusCodePages: true);
        app.Use((context, next) =>
        {
            if (!IsForPeople(context.Request) && context.Features.Get<IStatusCodePagesFeature>() is { } page) page.Enabled = false;
            return next(context);
        });
        app.UseWhen(context => !IsForPeople(context.Request), programs => programs.UseStatusCodePages());
    }

    private static bool IsForPeople(HttpRequest request) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase)
        && !request.Path.StartsWithSegments("/api") && !request.Path.StartsWithSegments("/openapi");
}
