using System.Net.Sockets;
using System.Text;

namespace Crispy.Testing;

/// <summary>HTTP as it is written, so that each header is as a test wants it: clients of .NET correct some and refuse others.</summary>
public static class RawHttp
{
    /// <summary>Sends one request, and reads the answer to its end.</summary>
    /// <param name="server">Who is asked, no matter what the headers say.</param>
    /// <param name="start">Method and target: <c>GET /api/streams</c>.</param>
    /// <param name="headers">Lines of headers.</param>
    /// <param name="body">What follows; its length is added to the headers unless it is null.</param>
    /// <returns>The status, and headers and body as text.</returns>
    public static async Task<(int Status, string Answer)> SendAsync(Uri server, string start,
        IEnumerable<string> headers, string? body = null)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.Host, server.Port);
        var length = body is null ? "" : $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n";
        var stream = client.GetStream();
        await stream.WriteAsync(
            Encoding.UTF8.GetBytes(
                $"{start} HTTP/1.1\r\nConnection: close\r\n{string.Concat(headers.Select(header => $"{header}\r\n"))}{length}\r\n{body}"));
        var answer = await ReadAsync(stream);
        return (answer.Length > 12 ? int.Parse(answer.AsSpan(9, 3), System.Globalization.CultureInfo.InvariantCulture) : 0, answer);
    }

    // A server that refuses a request before it has read all of it resets the connection once it has answered.
    private static async Task<string> ReadAsync(NetworkStream stream)
    {
        using var answer = new MemoryStream();
        var block = new byte[16 * 1024];
        try
        {
            while (await stream.ReadAsync(block) is > 0 and var read) answer.Write(block, 0, read);
        }
        catch (IOException) when (answer.Length > 0)
        {
            // All of the answer came.
        }
        return Encoding.UTF8.GetString(answer.ToArray());
    }
}
