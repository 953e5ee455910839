using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Crispy.Contracts;
using Microsoft.Extensions.Configuration;

namespace Crispy.AppHost;

/// <summary>One stream's configuration, on its way to stream-handle: from <c>Crispy:Streams</c> or from the command line.</summary>
/// <param name="Settings">Its values by key (<c>Id</c>, <c>Url</c>, <c>Window</c>, ...).</param>
public sealed partial record StreamSettings(IReadOnlyDictionary<string, string> Settings)
{
    private const string Demo = "demo:";

    private string Id => Settings.GetValueOrDefault("Id", "");

    /// <summary>The streams of <c>Crispy:Streams</c>, in their order.</summary>
    public static IReadOnlyList<StreamSettings> Configured(IConfiguration configuration) =>
        [.. configuration.GetSection("Crispy:Streams").GetChildren()
            .Select(stream => new StreamSettings(stream.AsEnumerable(makePathsRelative: true)
                .Where(pair => pair.Value is not null)
                .ToDictionary(pair => pair.Key, pair => pair.Value!, StringComparer.OrdinalIgnoreCase)))];

    /// <summary>The configured streams, then those of the command line; the demo camera when there are none.</summary>
    /// <param name="configuration">Read for <c>Crispy:Streams</c>.</param>
    /// <param name="options">The command line.</param>
    /// <param name="mistakes">Gets a line for each source that cannot be one.</param>
    public static IReadOnlyList<StreamSettings> Read(IConfiguration configuration, RunOptions options, List<string> mistakes)
    {
        var streams = Configured(configuration).ToList();
        var sources = options.Sources.Count > 0 || streams.Count > 0 ? options.Sources : [Demo];
        foreach (var source in sources)
        {
            if (Url(source, mistakes) is not { } url) continue;
            var settings = new Dictionary<string, string>(options.StreamSettings, StringComparer.OrdinalIgnoreCase)
            {
                ["Id"] = FreeId(source, streams),
                ["Url"] = url,
            };
            // The mode is one for all sources of the command line, and a demo has only one of its own.
            if (url.StartsWith(Demo, StringComparison.Ordinal)) settings.Remove("Mode");
            streams.Add(new(settings));
        }
        return streams;
    }

    /// <summary>The streams as environment variables of stream-handle.</summary>
    public static IEnumerable<KeyValuePair<string, string>> ToEnvironment(IReadOnlyList<StreamSettings> streams) =>
        streams.SelectMany((stream, index) => stream.Settings.Select(setting =>
            KeyValuePair.Create(Variable(index, setting.Key), setting.Value)));

    private static string Variable(int index, string key) => string.Create(CultureInfo.InvariantCulture,
        $"Crispy__Streams__{index}__{key.Replace(":", "__", StringComparison.Ordinal)}");

    private static string? Url(string source, List<string> mistakes)
    {
        if (SourceAddress.Mistake(source, File.Exists) is { } mistake)
        {
            mistakes.Add(mistake);
            return null;
        }
        if (source.StartsWith(Demo, StringComparison.Ordinal) || source.Contains("://", StringComparison.Ordinal)) return source;
        if (File.Exists(source)) return Path.GetFullPath(source);
        mistakes.Add(Directory.Exists(source) ? $"{source} is a folder, not a video file" : $"no such file: {source}");
        return null;
    }

    private static string FreeId(string source, List<StreamSettings> taken)
    {
        var wanted = IdOf(source);
        var id = wanted;
        for (var n = 2; taken.Any(stream => stream.Id == id); n++) id = string.Create(CultureInfo.InvariantCulture, $"{wanted}-{n}");
        return id;
    }

    // A file's name, a camera's host and path: what a person would call it, in the characters of a stream id.
    private static string IdOf(string source)
    {
        var name = source.StartsWith(Demo, StringComparison.Ordinal) ? "demo"
            : Uri.TryCreate(source, UriKind.Absolute, out var url) && !url.IsFile ? $"{url.Host}{url.AbsolutePath}"
            : Path.GetFileNameWithoutExtension(source);
        var id = NotInAnId().Replace(name.ToLowerInvariant(), "-").Trim('-');
        // Letters that an id cannot have tell names apart: what stands for them depends on the source alone, not on those beside it.
        var mark = name.Any(letter => !char.IsAscii(letter) && char.IsLetterOrDigit(letter)) ? $"-{Mark(source)}" : "";
        var most = StreamId.MaxLength - 4 - mark.Length;
        if (id.Length > most) id = id[..most].Trim('-');
        return (id.Length > 0 ? id : "stream") + mark;
    }

    // Of a camera's address no user and password.
    private static string Mark(string source)
    {
        var place = Uri.TryCreate(source, UriKind.Absolute, out var url) && !url.IsFile
            ? $"{url.Host}{url.AbsolutePath}"
            : Path.GetFullPath(source);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(place)))[..8];
    }

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex NotInAnId();
}
