using Crispy.Console.Notifying;
using Crispy.Testing;
using Microsoft.Extensions.Logging;

namespace Crispy.Console.Tests.Notifying;

[Trait("Needs", "nothing")]
public sealed class OutboxTests : IDisposable
{
    private const string Target = "0123456789abcdef";

    private readonly TempFolder _folder = new();
    private readonly Messages _log = new();

    private string Path => _folder["made", "notify"];

    [Fact]
    public void Notices_come_back_after_a_kill_in_their_order_and_those_that_were_delivered_do_not()
    {
        var box = Open();
        foreach (var number in new[] { 1L, 2, 300, 4 }) box.Add(Numbered(number));
        box.Remove(box.Next(TimeSpan.Zero)!);
        Assert.Equal((3, 2), (Open().Count, Open().Next(TimeSpan.Zero)!.Number));
        // Nothing is closed or flushed: what a kill leaves is what is there.
        Assert.Equal([2L, 4, 300], Waiting());
        Assert.Empty(_log.All);
    }

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public void Only_its_owner_can_read_it()
    {
        Open().Add(Numbered(1));
        Folder().Write(new NotifyMemory());
        foreach (var file in Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        foreach (var folder in new[] { Path, System.IO.Path.Combine(Path, Target) })
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
    }

    [Fact]
    public void Torn_and_foreign_files_cost_nothing_but_themselves()
    {
        var box = Open();
        foreach (var number in new[] { 1L, 2, 3 }) box.Add(Numbered(number));
        var files = Directory.GetFiles(System.IO.Path.Combine(Path, Target)).Order().ToArray();
        using (var torn = new FileStream(files[1], FileMode.Open)) torn.SetLength(torn.Length / 2);
        File.WriteAllText(files[0] + ".new", """{"id":"msg_""");
        File.WriteAllText(System.IO.Path.Combine(Path, Target, "0000000000000009.json"), "{}");
        File.WriteAllText(System.IO.Path.Combine(Path, Target, "000000000000000a.json"), "");
        File.WriteAllText(System.IO.Path.Combine(Path, Target, "notes.json"), "null");
        Directory.CreateDirectory(System.IO.Path.Combine(Path, Target, "000000000000000b.json"));
        Assert.Equal([1L, 3], Waiting());
        Assert.Equal(3, _log.All.Count(message => message.Contains("cannot be read and is deleted", StringComparison.Ordinal)));
        Assert.Equal([1L, 3], Waiting());
    }

    [Fact]
    public void A_torn_memory_is_told_and_starts_again()
    {
        var memory = new NotifyMemory { Number = 7, Open = [new() { Key = "bucket", Kind = NoticeKind.Bucket }] };
        Folder().Write(memory);
        Assert.Equal((7, "bucket"), (Folder().ReadMemory().Number, Folder().ReadMemory().Open[0].Key));
        File.WriteAllText(System.IO.Path.Combine(Path, "state.json"), """{"open":[{"ki""");
        Assert.Empty(Folder().ReadMemory().Open);
        Assert.Single(_log.All);
    }

    [Fact]
    public void The_oldest_goes_for_a_newer_one_when_too_many_wait()
    {
        var box = Open(most: 3);
        Assert.Equal(0, box.Add(Numbered(1)) + box.Add(Numbered(2)) + box.Add(Numbered(3)));
        Assert.Equal(1, box.Add(Numbered(4)));
        Assert.Equal([2L, 3, 4], Waiting());
    }

    [Fact]
    public void An_end_waits_for_its_begin_and_others_do_not()
    {
        var box = Open();
        foreach (var (number, key) in new[] { (1L, "bucket"), (2L, "bucket"), (3L, "camera/gate") }) box.Add(Numbered(number, key));
        var begin = box.Next(TimeSpan.Zero)!;
        begin.Due = TimeSpan.FromMinutes(5);
        Assert.Equal(3, box.Next(TimeSpan.Zero)!.Number);
        Assert.Equal(1, box.Next(TimeSpan.FromMinutes(5))!.Number);
        box.Remove(begin);
        Assert.Equal(2, box.Next(TimeSpan.Zero)!.Number);
    }

    [Fact]
    public void A_notice_that_is_in_already_is_not_there_twice()
    {
        Open().Add(Numbered(1));
        var box = Open();
        box.Add(Numbered(1));
        Assert.Equal(1, box.Count);
    }

    [Fact]
    public void Where_nothing_can_be_written_that_is_told_once_and_notices_wait_in_memory()
    {
        Directory.CreateDirectory(_folder["made"]);
        File.WriteAllText(Path, "a file where the folder should be");
        var box = Open();
        foreach (var number in new[] { 1L, 2, 3 }) box.Add(Numbered(number));
        Assert.Equal(3, box.Count);
        box.Remove(box.Next(TimeSpan.Zero)!);
        Assert.Contains(Path, Assert.Single(_log.All), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_folder_everything_is_in_memory()
    {
        var box = new Outbox(new(null, _log), Target, 10);
        box.Add(Numbered(1));
        box.Remove(box.Next(TimeSpan.Zero)!);
        Assert.Equal((0, 0), (box.Count, box.Clear()));
    }

    [Fact]
    public void What_waits_for_targets_that_are_gone_is_forgotten_and_nothing_else_is_touched()
    {
        Open().Add(Numbered(1));
        new Outbox(Folder(), "fedcba9876543210-1", 10).Add(Numbered(2));
        Directory.CreateDirectory(System.IO.Path.Combine(Path, "mine"));
        Assert.Equal(1, Folder().Forget([Target]));
        Assert.Equal(["0123456789abcdef", "mine"], Directory.GetDirectories(Path).Select(System.IO.Path.GetFileName).Order());
    }

    public void Dispose() => _folder.Dispose();

    internal static NumberedNotice Numbered(long number, string? key = null, DateTimeOffset at = default) =>
        new(number, new() { Id = $"msg_{number:x32}", Key = key ?? $"camera/{number}", Text = $"notice {number}", Kind = NoticeKind.Camera,
            At = at });

    private IEnumerable<long> Waiting() => Folder().ReadWaiting(Target).Select(each => each.Number);

    private NotifyFolder Folder() => new(Path, _log);

    private Outbox Open(int most = 100) => new(Folder(), Target, most);

    internal sealed class Messages : ILogger
    {
        public List<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?,
            string> formatter)
        {
            lock (All) All.Add(formatter(state, exception));
        }
    }
}
