using System.Collections.Concurrent;
using System.Text;
using Crispy.Testing;

namespace Aspire.Hosting.Tests;

/// <summary>Keeps the lines that are written to it.</summary>
public sealed class LineCollector : TextWriter
{
    private readonly ConcurrentQueue<string> _lines = new();

    public override Encoding Encoding => Encoding.UTF8;

    public IReadOnlyList<string> Lines => [.. _lines];

    public override void WriteLine(string? value) => _lines.Enqueue(value ?? "");

    /// <summary>The first line that contains a text, once there is one.</summary>
    public async Task<string> WaitForAsync(string text)
    {
        string? Find() => _lines.FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal));
        try
        {
            await Until.TrueAsync(() => Task.FromResult(Find() is not null));
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException($"No line '{text}' in:{Environment.NewLine}{string.Join(Environment.NewLine, _lines)}", failure);
        }

        return Find()!;
    }

    /// <summary>What a resource printed so far.</summary>
    public IReadOnlyList<string> PrintedBy(string name) =>
        [.. _lines.Select(line => line.Split(" | ", 2)).Where(parts => parts.Length == 2 && parts[0].TrimEnd() == name).Select(parts => parts[1])];
}
