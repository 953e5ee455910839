using System.Text;
using System.Text.Json;
using System.Xml;

namespace Crispy.CloudEmulator.Http;

/// <summary>Writes failures in the form of the API that was called.</summary>
internal static class ErrorAnswer
{
    /// <summary>JSON of the JSON API, though plain text where an object's bytes were asked for; XML of the XML API.</summary>
    public static Task WriteAsync(HttpContext context, StorageException error)
    {
        var target = RequestTarget.Of(context);
        if (!target.IsJsonApi) return WriteXmlAsync(context, error);
        return target.IsDownload || context.Request.Query["alt"] == "media"
            ? WriteTextAsync(context, error)
            : WriteJsonAsync(context, error);
    }

    public static async Task WriteJsonAsync(HttpContext context, StorageException error)
    {
        if (!Begin(context, error, "application/json; charset=UTF-8")) return;
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("error");
            json.WriteNumber("code", error.Status);
            json.WriteString("message", error.Message);
            json.WriteStartArray("errors");
            json.WriteStartObject();
            json.WriteString("domain", "global");
            json.WriteString("reason", error.Reason);
            json.WriteString("message", error.Message);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
        }
        await SendAsync(context, buffer);
    }

    private static async Task WriteTextAsync(HttpContext context, StorageException error)
    {
        if (!Begin(context, error, "text/html; charset=UTF-8")) return;
        using var buffer = new MemoryStream(Encoding.UTF8.GetBytes(error.Message));
        await SendAsync(context, buffer);
    }

    private static async Task WriteXmlAsync(HttpContext context, StorageException error)
    {
        if (!Begin(context, error, "application/xml; charset=UTF-8")) return;
        using var buffer = new MemoryStream();
        using (var xml = XmlWriter.Create(buffer, new() { Encoding = new UTF8Encoding(false), CheckCharacters = false }))
        {
            xml.WriteStartElement("Error");
            xml.WriteElementString("Code", error.XmlCode);
            xml.WriteElementString("Message", error.XmlMessage ?? error.Message);
            if (error.Details is { } details) xml.WriteElementString("Details", details);
            foreach (var (name, text) in error.Extra) xml.WriteElementString(name, text);
            xml.WriteEndElement();
        }
        await SendAsync(context, buffer);
    }

    /// <summary>False when the answer can hold no body or has begun already.</summary>
    private static bool Begin(HttpContext context, StorageException error, string contentType)
    {
        var response = context.Response;
        if (response.HasStarted)
        {
            context.Abort();
            return false;
        }
        response.Clear();
        response.StatusCode = error.Status;
        if (error.ContentRange is { } range) response.Headers.ContentRange = range;
        if (error.Status == StatusCodes.Status304NotModified) return false;
        response.ContentType = contentType;
        return true;
    }

    private static async Task SendAsync(HttpContext context, MemoryStream buffer)
    {
        context.Response.ContentLength = buffer.Length;
        if (HttpMethods.IsHead(context.Request.Method)) return;
        buffer.Position = 0;
        await buffer.CopyToAsync(context.Response.Body);
    }
}
