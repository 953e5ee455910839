using System.CommandLine;
using Crispy.Cli;

var root = new RootCommand("Crispy's tools for what is recorded already.") { new VerifyCommand().Build() };
var parsed = root.Parse(args, new() { EnablePosixBundling = false });
// A fault of this program must not end it with the exit code of a finding.
var exitCode = await parsed.InvokeAsync(new() { Error = Console.Error, EnableDefaultExceptionHandler = false });
return parsed.Errors.Count > 0 ? ExitCode.Unable : exitCode;
