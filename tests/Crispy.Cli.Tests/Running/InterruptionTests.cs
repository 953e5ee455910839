namespace Crispy.Cli.Tests.Running;

public sealed class InterruptionTests(RecordingSystem shared)
{
    [Fact]
    public async Task Ctrl_C_leaves_nothing_of_an_export()
    {
        var system = await shared.StartedAsync();
        using var folder = new TempFolder();
        await using var stalled = await system.StallDownloadsAsync("stuck");
        await using var terminal = Terminal.Start(new Dictionary<string, string> { ["CRISPY_API"] = system.Api }, 100, "export", "stuck",
            "--from", "2026-11-20T14:03Z", "--to", "+12s", "-o", folder["stuck.mp4"]);
        await Until.TrueAsync(() => terminal.HasEnded || Directory.GetDirectories(folder.Path).Length > 0, TimeSpan.FromMinutes(1));
        await terminal.TypeAsync(Terminal.CtrlC);
        var exitCode = await terminal.EndAsync();
        Assert.True(exitCode == 130, terminal.Shown);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
        Assert.DoesNotContain("Exception", terminal.Shown, StringComparison.Ordinal);
    }
}
