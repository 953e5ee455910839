using System.CommandLine;
using Crispy.Cli.Api;
using Crispy.Cli.Terminal;
using Crispy.Exporting;

namespace Crispy.Cli.Commands;

/// <summary>One run of a command: what was asked for, and the API that it is asked of.</summary>
/// <param name="Parsed">The command line.</param>
/// <param name="Api">The API.</param>
/// <param name="Json">Whether the answer must be JSON.</param>
internal sealed record Job(ParseResult Parsed, ApiClient Api, bool Json)
{
    /// <summary>An option's value.</summary>
    public T? Get<T>(Option<T> option) => Parsed.GetValue(option);

    /// <summary>An argument's value.</summary>
    public T Get<T>(Argument<T> argument) => Parsed.GetRequiredValue(argument);

    /// <summary>Makes a command that uses the API: its options,
    /// and one place where what goes wrong becomes a message and an exit code.</summary>
    /// <param name="command">The command, with what is its own.</param>
    /// <param name="options">Those of the API.</param>
    /// <param name="run">Does it; returns the exit code.</param>
    public static Command Of(Command command, ApiOptions options, Func<Job, CancellationToken, Task<int>> run)
    {
        options.AddTo(command);
        command.SetAction((parsed, cancellation) => GuardAsync(async () =>
        {
            using var api = options.Open(parsed);
            return await run(new(parsed, api, options.Json(parsed)), cancellation);
        }, cancellation));
        return command;
    }

    /// <summary>Turns failures into messages and exit codes.</summary>
    public static async Task<int> GuardAsync(Func<Task<int>> run, CancellationToken cancellation)
    {
        try
        {
            return await run();
        }
        catch (CommandException ended)
        {
            Screen.Remark($"crispy: {Screen.Printable(ended.Message)}");
            return ended.ExitCode;
        }
        catch (ExportException ended)
        {
            Screen.Remark($"crispy: {Screen.Printable(ended.Message)}");
            return ended is MissingProgramException or DoesNotFitException ? ExitCode.Unable : ExitCode.Findings;
        }
        catch (Exception unable) when (unable is IOException or UnauthorizedAccessException)
        {
            Screen.Remark($"crispy: {Screen.Printable(unable.Message)}");
            return ExitCode.Unable;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
    }
}
