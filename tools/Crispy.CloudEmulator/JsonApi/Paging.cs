using System.Globalization;
using System.Text;
using Crispy.CloudEmulator.Http;

namespace Crispy.CloudEmulator.JsonApi;

/// <summary>Lists in pages: <c>maxResults</c>, and a <c>pageToken</c> that holds the last name of the page before.</summary>
internal static class Paging
{
    private const int LargestPage = 1000;

    /// <summary>Entries of a page.</summary>
    /// <exception cref="StorageException">400: no number from 1.</exception>
    public static int Size(HttpRequest request)
    {
        var text = request.Query["maxResults"].ToString();
        if (text.Length == 0) return LargestPage;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size > 0
            ? Math.Min(size, LargestPage)
            : throw StorageException.Invalid($"Invalid value for maxResults: '{text}'");
    }

    /// <summary>The name that this page comes after; empty for the first.</summary>
    /// <exception cref="StorageException">400: no token of ours.</exception>
    public static string After(HttpRequest request)
    {
        var token = request.Query["pageToken"].ToString();
        if (token.Length == 0) return "";
        var bytes = new byte[token.Length];
        return Convert.TryFromBase64String(token, bytes, out var length)
            ? Encoding.UTF8.GetString(bytes, 0, length)
            : throw StorageException.Invalid($"Invalid value for pageToken: '{token}'");
    }

    /// <summary>The token of the page after a name.</summary>
    public static string Token(string last) => Convert.ToBase64String(Encoding.UTF8.GetBytes(last));
}
