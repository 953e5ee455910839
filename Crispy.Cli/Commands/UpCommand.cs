using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Crispy.AppHost;
using Crispy.Cli.Api;
using Crispy.Cli.Local;

namespace Crispy.Cli.Commands;

/// <summary><c>crispy up</c>: the whole system on this machine, as <c>run.sh</c> of the clone runs it.
/// The options are the AppHost's own.</summary>
internal static class UpCommand
{
    /// <summary>The command.</summary>
    public static Command Build()
    {
        var command = new Command("up",
            "Runs the whole system on this machine, with a folder as the bucket, until Ctrl-C. Like ./run.sh, which first installs what is "
                + "missing and builds.");
        _ = new RunCommandLine(command);
        command.SetAction((parsed, cancellation) => Job.GuardAsync(() => RunAsync(parsed, cancellation), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var root = Repository.Find() ?? throw new UnableException("up needs a clone of Crispy: start it in one, or run ./crispy up there");
        // As they were given, without the command itself.
        var arguments = parsed.Tokens.SkipWhile(token => token.Value != "up").Skip(1).Select(token => token.Value);
        using var running = new Process { StartInfo = new(Repository.RunScript(root), arguments) };
        // Who signals before the run is there is kept waiting for it, so that no signal is lost between the two.
        var starting = new Lock();
        var started = false;
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
        {
            context.Cancel = true;
            // A terminal's Ctrl-C reaches both; the run ends in its own order, and is waited for.
            if (Console.IsInputRedirected) Forward("INT");
        });
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            Forward("TERM");
        });
        lock (starting)
        {
            cancellation.ThrowIfCancellationRequested();
            started = running.Start();
        }
        await running.WaitForExitAsync(CancellationToken.None);
        return running.ExitCode;

        void Forward(string signal)
        {
            lock (starting)
            {
                if (!started) return;
                using var kill = Process.Start("kill", ["-s", signal, $"{running.Id}"]);
                kill.WaitForExit();
            }
        }
    }
}
