using Crispy.CloudEmulator.Faults;

namespace Crispy.CloudEmulator.Http;

/// <summary>What most answers need of the request.</summary>
internal static class HttpContextExtensions
{
    /// <summary>The server as the caller addressed it, without a slash at the end.</summary>
    public static string BaseUri(this HttpContext context) => $"{context.Request.Scheme}://{context.Request.Host}";

    /// <summary>The CRC32C to show in place of the true one, when a fault asks for it.</summary>
    public static string? ShownCrc32c(this HttpContext context) => context.Items.ContainsKey(FaultGate.WrongCrc) ? FaultGate.WrongCrc : null;

    /// <summary>Whether a fault asks for the checksum of the whole object beside a part of it.</summary>
    public static bool ShowsHashOfWhole(this HttpContext context) => context.Items.ContainsKey(FaultGate.WholeHash);
}
