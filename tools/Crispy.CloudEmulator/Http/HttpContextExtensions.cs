namespace Crispy.CloudEmulator.Http;

/// <summary>What most answers need of the request.</summary>
internal static class HttpContextExtensions
{
    /// <summary>The checksum that is shown in place of the true one, and the mark of that among a request's items.</summary>
    public const string WrongCrc = "/////w==";

    /// <summary>The mark, among a request's items, of a part that is to come with the checksum of the whole.</summary>
    public const string WholeHash = "whole hash";

    /// <summary>The server as the caller addressed it, without a slash at the end.</summary>
    public static string BaseUri(this HttpContext context) => $"{context.Request.Scheme}://{context.Request.Host}";

    /// <summary>The CRC32C to show in place of the true one, when a fault asks for it.</summary>
    public static string? ShownCrc32c(this HttpContext context) => context.Items.ContainsKey(WrongCrc) ? WrongCrc : null;

    /// <summary>Whether a fault asks for the checksum of the whole object beside a part of it.</summary>
    public static bool ShowsHashOfWhole(this HttpContext context) => context.Items.ContainsKey(WholeHash);
}
