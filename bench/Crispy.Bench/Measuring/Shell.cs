using System.ComponentModel;
using System.Diagnostics;

namespace Crispy.Bench.Measuring;

/// <summary>Asks other programs.</summary>
internal static class Shell
{
    /// <summary>What a program prints; empty where it fails or is not there.</summary>
    public static string Output(string program, params string[] arguments)
    {
        try
        {
            var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
            using var process = Process.Start(start)!;
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output.Trim() : "";
        }
        catch (Win32Exception)
        {
            return "";
        }
    }
}
