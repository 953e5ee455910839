using Spectre.Console;

namespace Crispy.Cli.Terminal;

/// <summary>Signs of life on standard error, where it is a terminal.</summary>
internal static class Busy
{
    /// <summary>A spinner while something takes its time.</summary>
    public static Task<T> WhileAsync<T>(string text, Func<Task<T>> work) =>
        Console.IsErrorRedirected ? work() : Screen.Error.Status().StartAsync(text, _ => work());

    /// <summary>Bars of progress.</summary>
    /// <param name="work">Gets a function that adds a bar: its title and its maximum, which gives one that sets its value.</param>
    public static Task<T> WithBarsAsync<T>(Func<Func<string, double, Action<double>>, Task<T>> work) => Console.IsErrorRedirected
        ? work((_, _) => _ => { })
        : Screen.Error.Progress().AutoClear(true)
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(context => work((title, most) =>
            {
                var bar = context.AddTask(title, maxValue: most);
                return value => bar.Value = value;
            }));
}
