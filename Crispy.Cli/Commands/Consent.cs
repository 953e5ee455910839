using Crispy.Cli.Api;
using Crispy.Cli.Terminal;

namespace Crispy.Cli.Commands;

/// <summary>What cannot be taken back is asked for.</summary>
internal static class Consent
{
    /// <summary>Asks, unless the answer was given with the command.</summary>
    /// <exception cref="UnableException">Nobody can be asked.</exception>
    public static bool Given(bool yes, string question) => yes
        || (Console.IsInputRedirected ? throw new UnableException("--yes is needed where nobody can be asked") : Screen.Confirm(question));
}
