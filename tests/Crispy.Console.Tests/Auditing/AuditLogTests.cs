using System.Text;
using Crispy.Console.Auditing;
using Crispy.Console.People;
using Crispy.Contracts;
using Crispy.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Crispy.Console.Tests.Auditing;

public sealed class AuditLogTests : IDisposable
{
    private static readonly Person Otto = new("sub-of-otto", "Otto \"the\nshift\"", Role.Operator, SignInWay.Oidc);

    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new(2026, 11, 27, 3, 0, 0, TimeSpan.Zero));
    private readonly string _key = SigningKey.NewPrivatePem();

    public void Dispose() => _folder.Dispose();

    private string Path => _folder["made", "audit"];

    [Fact]
    public void Entries_are_signed_and_chained_and_their_chain_goes_on_after_a_restart()
    {
        using (var log = Open()) Act(log, 3);
        using (var log = Open())
        {
            Act(log, 2);
            Assert.Equal([4L, 3, 2, 1, 0], log.NewestFirst(null).Select(entry => entry.Sequence));
            Assert.Equal([1L, 0], log.NewestFirst(2).Select(entry => entry.Sequence));
            Assert.Equal(Otto.Name, log.NewestFirst(null).First().Name);
        }
        Assert.Equal((5L, null), Verify());
        Assert.Empty(Directory.GetFiles(System.IO.Path.Combine(Path, "pending")));
    }

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public void Only_its_owner_can_read_it_and_a_second_console_is_refused()
    {
        using var log = OpenWithoutKey();
        Act(log, 1);
        foreach (var file in Directory.EnumerateFiles(Path, "audit*.*").Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path));
        Assert.Throws<IOException>(() => Open());
    }

    [Fact]
    public void A_console_without_a_key_makes_one_and_keeps_it()
    {
        string first;
        using (var log = OpenWithoutKey()) first = log.PublicPem;
        using (var log = OpenWithoutKey()) Assert.Equal(first, log.PublicPem);
        using var memory = new AuditLog(new(null, 1 << 20, 8), _time, NullLogger<AuditLog>.Instance);
        Act(memory, 1100);
        Assert.Equal(1000, memory.NewestFirst(null).Count());
    }

    [Theory]
    [InlineData("{\"schema\":\"crispy.audit/1\",\"sequence\":3,\"id")]
    [InlineData("x")]
    [InlineData("\0\0\0\0")]
    public void A_line_that_a_kill_left_unfinished_is_cut_off_and_nothing_before_it_is_lost(string torn)
    {
        using (var log = Open()) Act(log, 3);
        File.AppendAllText(Assert.Single(Files()), torn);
        using (var log = Open()) Act(log, 2);
        Assert.Equal((5L, null), Verify());
    }

    [Fact]
    public void At_every_byte_at_which_a_kill_may_stop_the_last_line_the_ones_before_it_stay()
    {
        using (var log = Open()) Act(log, 3);
        var whole = File.ReadAllBytes(Assert.Single(Files()));
        var before = whole.AsSpan(0, whole.Length - 1).LastIndexOf((byte)'\n') + 1;
        for (var length = before; length <= whole.Length; length++)
        {
            File.WriteAllBytes(Files()[0], whole[..length]);
            using (var log = Open()) Act(log, 1);
            Assert.Equal((length == whole.Length ? 4L : 3, null), Verify());
        }
    }

    [Fact]
    public void What_was_begun_when_the_console_was_killed_has_one_entry_after_its_next_start()
    {
        AuditEntry begun;
        using (var log = Open())
        {
            Act(log, 1);
            begun = log.Begin(new(Otto, AuditAction.Removed) { Stream = "gate" });
        }
        using (var log = Open())
        {
            var entry = Assert.Single(log.NewestFirst(null), entry => entry.Id == begun.Id);
            Assert.Equal((AuditAction.Removed, "gate", null), (entry.Action, entry.Stream, entry.Status));
            Assert.Contains("before its end was known", entry.Detail, StringComparison.Ordinal);
        }
        // Killed behind the entry, before the file of what was begun was deleted.
        using (var log = Open())
        {
            begun = log.Begin(new(Otto, AuditAction.Paused));
            var kept = Directory.GetFiles(System.IO.Path.Combine(Path, "pending")).ToDictionary(file => file, File.ReadAllBytes);
            log.End(begun, 200);
            foreach (var (file, content) in kept) File.WriteAllBytes(file, content);
        }
        using (var log = Open()) Assert.Single(log.NewestFirst(null), entry => entry.Id == begun.Id);
        // Half a file: what it is of was never begun.
        File.WriteAllText(System.IO.Path.Combine(Path, "pending", "x.json.new"), "{");
        using (var log = Open()) Assert.Equal(3, log.NewestFirst(null).Count());
        Assert.Equal((3L, null), Verify());
    }

    [Fact]
    public void Files_have_a_size_and_a_number_and_the_chain_goes_on_across_them()
    {
        using (var log = Open(bytes: 4096, files: 4))
        {
            Act(log, 100);
            Assert.Equal(4, Files().Count);
            Assert.All(Files(), file => Assert.InRange(new FileInfo(file).Length, 1, 4096));
        }
        var (entries, finding) = Verify();
        Assert.Null(finding);
        Assert.InRange(entries, 10, 99);
        using (var log = Open(bytes: 4096, files: 4)) Assert.Contains(log.NewestFirst(null), entry => entry.Action == AuditAction.Pruned);
        // That older ones were deleted is signed: who deletes one more is found.
        File.Delete(Files()[1]);
        Assert.Equal("missing", Verify().Finding?.Kind);
    }

    [Fact]
    public void Refusals_of_one_person_do_not_fill_the_log_and_are_counted()
    {
        using var log = Open();
        for (var i = 0; i < 100; i++) log.NoteAsync(new(Otto, AuditAction.Refused) { Detail = "DELETE" }, 403);
        Assert.Equal(30, log.NewestFirst(null).Count());
        _time.Advance(TimeSpan.FromMinutes(1));
        log.NoteAsync(new(Otto, AuditAction.Refused) { Detail = "DELETE" }, 403);
        Assert.Equal("DELETE; 70 more before it", log.NewestFirst(null).First().Detail);
        log.NoteAsync(new(Person.Nobody, AuditAction.Refused), 401);
        Assert.Equal(32, log.NewestFirst(null).Count());
    }

    [Fact]
    public async Task A_full_disk_refuses_what_changes_something_and_what_had_begun_gets_its_entry()
    {
        await using var disk = await SmallDisk.MountAsync(1);
        var folder = System.IO.Path.Combine(disk.Path, "audit");
        using (var log = OpenAt(folder))
        {
            Act(log, 20);
            var begun = log.Begin(new(Otto, AuditAction.Removed) { Stream = "gate" });
            disk.Fill();
            // To the end of the block that the file has already.
            var ended = 0;
            for (; ended < 20; ended++) await log.NoteAsync(new(Otto, AuditAction.Exported), 200);
            log.End(begun, 204);
            var refusal = Assert.Throws<AuditException>(() => log.Begin(new(Otto, AuditAction.Paused)));
            Assert.Contains("nothing was done", refusal.Message, StringComparison.Ordinal);
            disk.Empty();
            Act(log, 1);
            Assert.Equal(204, Assert.Single(log.NewestFirst(null), entry => entry.Id == begun.Id).Status);
        }
        Assert.Null(Verify(folder).Finding);
    }

    [Fact]
    public void Lines_that_somebody_changed_are_found()
    {
        using (var log = Open()) Act(log, 6);
        var file = Assert.Single(Files());
        var lines = File.ReadAllLines(file);
        Check("altered", 2, [.. lines[..2], lines[2].Replace("\"status\":200", "\"status\":500", StringComparison.Ordinal), .. lines[3..]]);
        Check("altered", 2, [.. lines[..2], lines[2].Replace("{\"schema\"", "{ \"schema\"", StringComparison.Ordinal), .. lines[3..]]);
        Check("missing", 2, [.. lines[..2], .. lines[3..]]);
        Check("missing", 2, [.. lines[..2], lines[3], lines[2], .. lines[4..]]);
        Check("moved", 3, [.. lines[..3], lines[2], .. lines[3..]]);
        Check("missing", 0, lines[1..]);
        Check("unsigned", 1, [lines[0], lines[1][..lines[1].IndexOf(",\"signature\"", StringComparison.Ordinal)] + "}", .. lines[2..]]);
        Check("altered", 1, [lines[0], "", .. lines[1..]], alternative: "unsigned");
        using var thief = AuditLine.Signer(SigningKey.NewPrivatePem());
        Check("unknownKey", 3, [.. lines[..3], Forged(lines[3], thief, entry => entry), .. lines[4..]]);
        // Even with the key a line cannot be changed alone: the next one holds its hash.
        using var owner = AuditLine.Signer(_key);
        Check("brokenLink", 4, [.. lines[..3], Forged(lines[3], owner, entry => entry with { Name = "somebody" }), .. lines[4..]]);
        // Another kind of statement under the same key is no entry.
        using var reports = LedgerReport.Signer(_key);
        Check("altered", 3, [.. lines[..3], Forged(lines[3], reports, entry => entry), .. lines[4..]]);

        void Check(string kind, int line, string[] changed, string? alternative = null)
        {
            File.WriteAllText(file, string.Concat(changed.Select(each => each + "\n")));
            var (at, finding) = Verify();
            Assert.True(finding?.Kind == kind || finding?.Kind == alternative, $"{kind}: {finding}");
            if (line > 0) Assert.Equal(line, at);
        }

        static string Forged(string line, ManifestSigner signer, Func<AuditEntry, AuditEntry> change) =>
            Encoding.UTF8.GetString(AuditLine.Write(change(AuditLine.Read(Encoding.UTF8.GetBytes(line))), signer));
    }

    private static void Act(AuditLog log, int times)
    {
        for (var i = 0; i < times; i++) log.End(log.Begin(new(Otto, AuditAction.Paused) { Stream = "gate" }), 200);
    }

    private AuditLog Open(long bytes = 1 << 20, int files = 64) =>
        new(new(Path, bytes, files) { PrivatePem = _key }, _time, NullLogger<AuditLog>.Instance);

    private AuditLog OpenAt(string folder) => new(new(folder, 1 << 20, 64) { PrivatePem = _key }, _time, NullLogger<AuditLog>.Instance);

    private AuditLog OpenWithoutKey() => new(new(Path, 1 << 20, 64), _time, NullLogger<AuditLog>.Instance);

    private List<string> Files(string? folder = null) =>
        [.. Directory.GetFiles(folder ?? Path, "audit-*.jsonl").Order(StringComparer.Ordinal)];

    // How many lines are good before the first that is not, as `crispy audit verify` reckons.
    private (long Good, AuditFinding? Finding) Verify(string? folder = null)
    {
        using var verifier = new ManifestVerifier(SigningKey.PublicPem(_key));
        var chain = new AuditChain(verifier);
        var good = 0L;
        foreach (var line in Files(folder).SelectMany(File.ReadAllLines))
        {
            if (chain.Check(Encoding.UTF8.GetBytes(line)) is { } finding) return (good, finding);
            good++;
        }
        return chain.First > 0 && !(chain.Pruned >= chain.First - 1) ? (good, new("missing", "the beginning")) : (good, null);
    }
}
