using Crispy.Cli.Terminal;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Crispy.Cli.Commands;

/// <summary>What needs a person, a line each, worst first; one line when all is well.</summary>
internal static class DutyLines
{
    /// <summary>Makes them.</summary>
    /// <param name="duty">The report; null where it is not known.</param>
    public static IEnumerable<IRenderable> Of(DutyReport? duty)
    {
        if (duty is null) yield break;
        if (duty.Items.Count == 0) yield return new Text(Screen.Printable(duty.Text), new Style(Color.Green));
        foreach (var item in duty.Items)
            yield return new Text(Screen.Printable($"{item.Text}. {item.Advice}"),
                new Style(item.Level == Level.Bad ? Color.Red : Color.Yellow));
    }
}
