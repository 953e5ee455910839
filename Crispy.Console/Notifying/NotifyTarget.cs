using System.Security.Cryptography;
using System.Text;

namespace Crispy.Console.Notifying;

/// <summary>Where notices go, as it is configured.</summary>
public sealed class NotifyTarget
{
    /// <summary>What stands in a secret's place.</summary>
    public const string Mask = "***";

    // Shorter pieces of an address are in everybody's texts.
    private const int ShortestSecret = 4;

    internal NotifyTarget(int number, Uri url, IReadOnlyList<NoticeKind> kinds, WebhookSecret? secret, BodyTemplate body)
    {
        (Number, Url, Kinds, Secret, Body) = (number, url, kinds, secret, body);
        Shown = Masked(url);
    }

    /// <summary>The N of <c>Crispy:Notify:N</c>.</summary>
    public int Number { get; }

    /// <summary>Its address as it may be shown: scheme, host and port. Path, query and user are the secret of most services.</summary>
    public string Shown { get; }

    /// <summary>What it is told of; a test always.</summary>
    public IReadOnlyList<NoticeKind> Kinds { get; }

    /// <summary>What signs; null where nothing does.</summary>
    public WebhookSecret? Secret { get; }

    /// <summary>What is sent.</summary>
    public BodyTemplate Body { get; }

    /// <summary>Names what waits for it, also after a restart with another order of targets or another body: tells nothing of the
    /// address.</summary>
    public string Id { get; internal set; } = "";

    internal Uri Url { get; }

    /// <inheritdoc />
    public override string ToString() => $"Crispy:Notify:{Number} ({Shown})";

    /// <summary>The hash of an address. Several targets with the same one are told apart by a number.</summary>
    internal string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Url.AbsoluteUri)))[..16];

    /// <summary>Whether a text of somebody else may be shown: not where it repeats a part of the address or of the body.</summary>
    internal bool MayShow(string text) => !Secrets().Any(part => text.Contains(part, StringComparison.OrdinalIgnoreCase));

    private static string Masked(Uri url) =>
        url.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped) + (url.PathAndQuery is "/" or "" && url.Fragment.Length == 0
            ? "" : $"/{Mask}");

    private IEnumerable<string> Secrets()
    {
        var parts = $"{Url.UserInfo}/{Url.PathAndQuery}/{Url.Fragment}".Split('/', '?', '#', '&', '=', ';', ':');
        return parts.Concat(parts.Select(Uri.UnescapeDataString)).Where(part => part.Length >= ShortestSecret).Concat(Body.Words);
    }
}
