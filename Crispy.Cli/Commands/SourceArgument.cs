using System.CommandLine;
using Crispy.Cli.Api;
using Crispy.Cli.Terminal;

namespace Crispy.Cli.Commands;

/// <summary>An address to record. It may hold a password, and every user of the machine can read what stands on a command line. So it can
/// also be typed, or piped in.</summary>
internal static class SourceArgument
{
    /// <summary>What may stand in its place.</summary>
    public const string Description =
        "rtsp://, rtsps://, http(s)://, demo: or a file, as seen from stream-handle. - reads it from standard input, so that other users "
            + "cannot see a password in it";

    /// <summary>The argument.</summary>
    public static Argument<string> Make() => new("URL") { Description = Description };

    /// <summary>The address.</summary>
    /// <exception cref="UnableException">There is none.</exception>
    public static string Read(string given)
    {
        if (given == "-")
        {
            if (!Console.IsInputRedirected) Console.Error.Write("URL: ");
            return Console.In.ReadLine()?.Trim() is { Length: > 0 } typed
                ? typed
                : throw new UnableException("URL: standard input held none");
        }
        if (Uri.TryCreate(given, UriKind.Absolute, out var url) && url.UserInfo.Contains(':', StringComparison.Ordinal))
            Screen.Remark(
                "crispy: other users of this machine can read the password in this URL; give - instead and type it, or pipe it in");
        // A path means a file of this machine's folder; stream-handle has another one.
        return !given.Contains(':', StringComparison.Ordinal) && File.Exists(given) ? Path.GetFullPath(given) : given;
    }
}
