using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace Crispy.Cli.Terminal;

/// <summary>Standard output and standard error. Colours and moving parts appear in a terminal only, colours only where <c>NO_COLOR</c>
/// (no-color.org) is not set.</summary>
internal static class Screen
{
    // What is redirected is read by programs, which want lines as long as they are.
    private const int Unlimited = 10_000;

    private static readonly JsonSerializerOptions Pretty =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Standard output.</summary>
    public static IAnsiConsole Out { get; } = Make(Console.Out, Console.IsOutputRedirected);

    /// <summary>Standard error: progress and remarks.</summary>
    public static IAnsiConsole Error { get; } = Make(Console.Error, Console.IsErrorRedirected);

    /// <summary>Prints a JSON document, on one line or on many.</summary>
    public static void Json(JsonNode document, bool compact = false) =>
        Console.Out.WriteLine(document.ToJsonString(compact ? Compact : Pretty));

    /// <summary>Prints a line of text.</summary>
    public static void Line(string text, Style? style = null) => Write(Out, text, style);

    /// <summary>Prints a remark on standard error.</summary>
    public static void Remark(string text, Style? style = null) => Write(Error, text, style);

    /// <summary>Asks for a yes. Without a terminal nobody can be asked.</summary>
    public static bool Confirm(string question)
    {
        Console.Error.Write($"{question} [y/N] ");
        return Console.In.ReadLine()?.Trim() is "y" or "Y" or "yes";
    }

    /// <summary>Names of objects, cameras' errors and the like are anybody's: none may steer a terminal.</summary>
    public static string Printable(string text) =>
        text.Any(char.IsControl) ? string.Concat(text.Select(letter => char.IsControl(letter) ? '?' : letter)) : text;

    private static void Write(IAnsiConsole console, string text, Style? style)
    {
        // Spectre.Console wraps at the width; a remark's lines are its own.
        if (style is null || console.Profile.Capabilities.ColorSystem == ColorSystem.NoColors) console.Profile.Out.Writer.WriteLine(text);
        else console.WriteLine(text, style);
    }

    private static IAnsiConsole Make(TextWriter writer, bool redirected)
    {
        var terminal = !redirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = terminal ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = terminal && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
                ? ColorSystemSupport.Detect
                : ColorSystemSupport.NoColors,
            Interactive = terminal ? InteractionSupport.Yes : InteractionSupport.No,
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        });
        if (redirected) console.Profile.Width = Unlimited;
        return console;
    }
}
