using Crispy.AppHost;
using Crispy.Testing;

namespace Crispy.EndToEnd.Tests;

/// <summary>Who may look into the data of a run: video, keys, logs.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
[Trait("Needs", "nothing")]
public sealed class DataFolderTests : IDisposable
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_new_folder_and_what_lies_below_it_is_its_owners_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no such modes");
        using var data = DataFolder.Take(_folder["new/deep"], "");
        foreach (var path in (string[])[data.Path, data.Below("keys"), data.Below("spool"), data.Below("keys/sessions")])
            Assert.Equal(Owner, Mode(path));
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead | UnixFileMode.GroupExecute)]
    [InlineData(UnixFileMode.OtherExecute)]
    [InlineData(UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead
        | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute)]
    public void A_folder_that_was_open_is_closed_with_all_below_it(UnixFileMode open)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no such modes");
        foreach (var path in (string[])["old", "old/keys"])
        {
            Directory.CreateDirectory(_folder[path]);
            Open(_folder[path], Owner | open);
        }
        using var data = DataFolder.Take(_folder["old"], "");
        Assert.Equal([Owner, Owner], [Mode(data.Path), Mode(data.Below("keys"))]);
    }

    [Fact]
    public void A_folder_for_everybodys_files_is_refused_and_left_as_it_is()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no such modes");
        const UnixFileMode everybody = (UnixFileMode)0x3FF; // 1777
        Directory.CreateDirectory(_folder["tmp"]);
        Open(_folder["tmp"], everybody);
        var refused = Assert.Throws<IOException>(() => DataFolder.Take(_folder["tmp"], ""));
        Assert.Contains("everybody", refused.Message, StringComparison.Ordinal);
        Assert.Equal(everybody, Mode(_folder["tmp"]));
    }

    [Fact]
    public void The_folder_of_a_run_without_a_name_is_closed_too()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no such modes");
        using var first = DataFolder.Take(null, _folder["artifacts"]);
        using var second = DataFolder.Take(null, _folder["artifacts"]);
        Assert.Equal(["run", "run-2"], [Path.GetFileName(first.Path), Path.GetFileName(second.Path)]);
        Assert.Equal([Owner, Owner], [Mode(first.Path), Mode(second.Path)]);
    }

    private static void Open(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, mode);
    }

    private static UnixFileMode Mode(string path) => OperatingSystem.IsWindows() ? UnixFileMode.None : File.GetUnixFileMode(path);
}
