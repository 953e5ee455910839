using Crispy.Console.StreamHandles;
using Crispy.Testing;
using Microsoft.Extensions.Logging;

namespace Crispy.Console.Tests.StreamHandles;

public sealed class SampleFileTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private readonly TempFolder _folder = new();
    private readonly Messages _log = new();

    private string Path => _folder["made", "plots.jsonl"];

    [Fact]
    public void Samples_come_back_after_a_restart_without_what_a_kill_tore()
    {
        var file = Open();
        Assert.Empty(file.Read());
        Sample[] all = [At(0) with { DelayMedian = 0.25, DelayWorst = 1.5 }, At(1)];
        foreach (var sample in all) file.Add(sample);
        File.AppendAllText(Path, """{"at":"2026-11-22T12:0""");

        var next = Open();
        Assert.Equal(all, next.Read());
        next.Add(At(2));
        Assert.Equal([.. all, At(2)], Open().Read());
        Assert.Empty(_log.All);
    }

    [Fact]
    public void The_newest_are_kept_and_the_file_does_not_grow_without_end()
    {
        var file = Open(most: 5);
        file.Read();
        var all = new List<Sample>();
        for (var index = 0; index < 100; index++)
        {
            all.Add(At(index));
            file.Add(all[^1]);
            Assert.InRange(File.ReadLines(Path).Count(), 1, 10);
        }
        Assert.Equal(all.TakeLast(5), Open(most: 5).Read());
    }

    [Fact]
    public void Where_they_cannot_be_kept_that_is_told_once_and_nothing_else_fails()
    {
        Directory.CreateDirectory(Path);
        var file = Open();
        Assert.Empty(file.Read());
        for (var index = 0; index < 3; index++) file.Add(At(index));
        Assert.Contains(Path, Assert.Single(_log.All), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static Sample At(int index) => new(Noon + index * Sample.Interval, 2.1e6, 25, 3, 2, 1, null, null);

    private SampleFile Open(int most = 100) => new(Path, most, _log);

    private sealed class Messages : ILogger
    {
        public List<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) => All.Add(formatter(state, exception));
    }
}
