using System.CommandLine;
using Crispy.Cli;

var root = new RootCommand("Crispy's tools for what is recorded already.") { new VerifyCommand().Build(TimeProvider.System) };
var parsed = root.Parse(args, new() { EnablePosixBundling = false });
var exitCode = await parsed.InvokeAsync(new() { Error = Console.Error });
return parsed.Errors.Count > 0 ? ExitCode.Unable : exitCode;
