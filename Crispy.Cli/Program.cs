using System.CommandLine;
using System.Runtime.InteropServices;
using Crispy.AppHost;
using Crispy.Cli;
using Crispy.Cli.Commands;
using Crispy.Cli.Terminal;

var root = new RootCommand("Crispy: see what is recorded, steer it, and take it out. Times are UTC unless --local is given.")
{
    UpCommand.Build(),
    new StatusCommand().Build(),
    new StreamsCommand().Build(),
    new AddCommand().Build(),
    new ProbeCommand().Build(),
    new ChunksCommand().Build(),
    new PlayCommand().Build(),
    new ExportCommand().Build(),
    new DeadCommand().Build(),
    NotifyCommand.Build(),
    new AuditCommand().Build(),
    new VerifyCommand().Build(),
    RetentionCommand.Build(),
    HoldCommand.Hold(),
    HoldCommand.Release(),
    HoldCommand.List(),
    new PlanCommand().Build(),
    Completion.Command(),
};
var parsed = root.Parse(args, new() { EnablePosixBundling = false });
// A mistake is told in a line; the whole help is a command away.
if (Mistakes.Of(parsed) is { Count: > 0 } mistakes)
{
    foreach (var mistake in mistakes) Screen.Remark($"crispy: {Screen.Printable(mistake)}");
    if (parsed.CommandResult.Command == root)
        Screen.Remark($"crispy: commands: {string.Join(", ", root.Subcommands.Select(command => command.Name))}");
    return ExitCode.Unable;
}
using var ending = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
try
{
    // A fault of this program must not end it with the exit code of a finding.
    return await parsed.InvokeAsync(new() { Error = Console.Error, EnableDefaultExceptionHandler = false,
        ProcessTerminationTimeout = null }, ending.Token);
}
catch (OperationCanceledException) when (ending.IsCancellationRequested)
{
    return ExitCode.Interrupted;
}

void End(PosixSignalContext context)
{
    context.Cancel = true;
    ending.Cancel();
}
