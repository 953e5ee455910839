using System.Text.Json;

namespace Crispy.AppHost;

/// <summary>The ports at which people look, kept in the data folder so that bookmarks and open tabs outlive a restart.</summary>
/// <param name="file">The file.</param>
/// <param name="tell">Gets a line for each port that had to change.</param>
internal sealed class RememberedPorts(string file, Action<string> tell)
{
    private readonly Dictionary<string, int> _ports = Read(file);

    /// <summary>The port of something: the wanted one, else that of the last run, else a free one.</summary>
    /// <param name="name">What listens there: <c>console</c>.</param>
    /// <param name="wanted">The port that was asked for.</param>
    /// <exception cref="IOException">The port that was asked for is taken, or the file cannot be written.</exception>
    public int Of(string name, int? wanted = null)
    {
        if (wanted is { } asked && !Port.IsFree(asked))
            throw new IOException($"--port {asked} is taken by another program: choose another one");
        if (wanted is null && _ports.TryGetValue(name, out var before))
        {
            if (Port.IsFree(before))
            {
                Port.Reserve(before);
                return before;
            }
            var other = Remember(name, Port.Free());
            tell($"port {before} is taken by another program: the {name} has {other} from now on");
            return other;
        }
        return Remember(name, wanted ?? Port.Free());
    }

    private int Remember(string name, int port)
    {
        _ports[name] = port;
        File.WriteAllText($"{file}.new", JsonSerializer.Serialize(_ports));
        File.Move($"{file}.new", file, overwrite: true);
        return port;
    }

    private static Dictionary<string, int> Read(string file)
    {
        try
        {
            var ports = File.Exists(file) ? JsonSerializer.Deserialize<Dictionary<string, int>>(File.ReadAllText(file)) : null;
            return ports is null ? [] : ports.Where(port => port.Value is > 0 and <= 65535)
                .ToDictionary(port => port.Key, port => port.Value, StringComparer.Ordinal);
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
