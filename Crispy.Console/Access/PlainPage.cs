using System.Net;

namespace Crispy.Console.Access;

/// <summary>Pages of a few words, for where there is no session to draw one of the console's in.</summary>
internal static class PlainPage
{
    /// <summary>Says that somebody may not do something.</summary>
    public static Task RefuseAsync(HttpContext context, string text) => WriteAsync(context, StatusCodes.Status403Forbidden, "Not allowed",
        $"<p>{WebUtility.HtmlEncode(text)}</p><p><a href=\"/\">All streams</a> or <a href=\"{Sessions.SignInPath}\">sign in as somebody "
            + $"else</a></p>");

    /// <summary>Leads on to a path of this site. The browser goes there of the page's own accord, and not on behalf of another site, to
    /// which it would bring no session.</summary>
    public static Task LeadAsync(HttpContext context, string path) => WriteAsync(context, StatusCodes.Status200OK, "Signed in",
        $"<p><a href=\"{WebUtility.HtmlEncode(path)}\">Go on</a></p>",
        $"<meta http-equiv=\"refresh\" content=\"0;url={WebUtility.HtmlEncode(path)}\">");

    private static Task WriteAsync(HttpContext context, int status, string title, string body, string head = "")
    {
        var response = context.Response;
        (response.StatusCode, response.ContentType) = (status, "text/html; charset=utf-8");
        response.Headers.CacheControl = "no-store";
        return response.WriteAsync($"""
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">{head}
            <title>{title} – Crispy</title><link rel="stylesheet" href="/css/site.css"></head>
            <body><main class="plain"><div class="sign-in"><h1>{title}</h1>{body}</div></main></body></html>
            """, context.RequestAborted);
    }
}
