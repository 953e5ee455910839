using System.Text.Json;

namespace Crispy.Cli.Tests;

/// <summary>Runs the program itself, as its users do.</summary>
internal static class Cli
{
    public static Task<CommandResult> RunAsync(params string[] arguments) => RunWithAsync("", arguments);

    /// <param name="emulator">The value of STORAGE_EMULATOR_HOST; empty for none.</param>
    /// <param name="arguments">The command line.</param>
    public static Task<CommandResult> RunWithAsync(string emulator, params string[] arguments) =>
        Command.TryAsync("env",
            [$"STORAGE_EMULATOR_HOST={emulator}", "dotnet", Path.Combine(AppContext.BaseDirectory, "crispy.dll"), .. arguments]);

    /// <summary>Kinds and messages of the findings, with the exit code in front.</summary>
    public static async Task<(int ExitCode, List<(string Kind, string Message, string? Place)> Findings, JsonElement Report)> VerifyAsync(
        params string[] arguments) => await VerifyWithAsync("", arguments);

    /// <inheritdoc cref="VerifyAsync"/>
    public static async Task<(int ExitCode, List<(string Kind, string Message, string? Place)> Findings,
        JsonElement Report)> VerifyWithAsync(string emulator, params string[] arguments)
    {
        var result = await RunWithAsync(emulator, ["verify", "--json", .. arguments]);
        Assert.True(result.Output.Length > 0, result.Error);
        var report = JsonDocument.Parse(result.Output).RootElement;
        var findings = report.GetProperty("streams").EnumerateArray().SelectMany(stream => stream.GetProperty("findings").EnumerateArray());
        return (result.ExitCode,
            [.. findings.Select(finding => (Text(finding, "kind")!, Text(finding, "message")!, Text(finding, "place")))], report);
    }

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() : null;
}
