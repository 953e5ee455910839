namespace Crispy.CloudEmulator;

/// <summary>The command line as configuration keys: <c>--option value</c> or <c>--option=value</c>.</summary>
internal static class CommandLine
{
    /// <summary>How the program is used.</summary>
    public const string Usage = """
        Crispy.CloudEmulator: Cloud Storage on a folder, for local use

          --urls URL              where it listens (default http://127.0.0.1:4443)
          --data DIR              holds bucket/ (the objects as files), meta/, uploads/
          --bucket NAME           made at start when missing; may be repeated
          --notify URL            OBJECT_FINALIZE of every bucket is pushed here
          --signer FILE           JSON with client_email and public_key or private_key (PEM): the account's V4 signed URLs are
                                  accepted; may be repeated; a file that does not exist yet is read once it does
          --md5 BOOL              compute MD5 of objects (default true)
          --fsync BOOL            sync each object to the disk (default false)
          --allowed-hosts NAMES   answer under these hosts too, separated by commas; without: names without a dot, IP addresses of
                                  this machine, and every IP address where others can reach it

        The same by configuration or environment: Emulator:Data (Emulator__Data), Emulator:Buckets:0, Emulator:Notify,
        Emulator:Signers:0, Emulator:Md5, Emulator:Fsync, Emulator:AllowedHosts, Urls. --Some:Key=value sets any other key.
        """;

    private static readonly Dictionary<string, (string Key, bool Repeats)> Options = new(StringComparer.Ordinal)
    {
        ["--urls"] = ("urls", false),
        ["--data"] = ("Emulator:Data", false),
        ["--bucket"] = ("Emulator:Buckets", true),
        ["--notify"] = ("Emulator:Notify", false),
        ["--signer"] = ("Emulator:Signers", true),
        ["--md5"] = ("Emulator:Md5", false),
        ["--fsync"] = ("Emulator:Fsync", false),
        ["--allowed-hosts"] = ("Emulator:AllowedHosts", false),
        ["--environment"] = ("environment", false),
    };

    /// <exception cref="OptionException">An option is unknown, lacks its value, or is given twice.</exception>
    public static Dictionary<string, string?> Parse(IReadOnlyList<string> args)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < args.Count; i++)
        {
            var equals = args[i].IndexOf('=', StringComparison.Ordinal);
            var option = equals < 0 ? args[i] : args[i][..equals];
            var (key, repeats) = Find(option);
            var value = equals >= 0 ? args[i][(equals + 1)..]
                : i + 1 < args.Count && !args[i + 1].StartsWith("--", StringComparison.Ordinal) ? args[++i]
                : throw new OptionException($"{option} lacks its value");
            if (value.Length == 0) throw new OptionException($"{option} lacks its value");
            if (repeats) key += $":{settings.Keys.Count(set => set.StartsWith(key + ":", StringComparison.OrdinalIgnoreCase))}";
            if (!settings.TryAdd(key, value)) throw new OptionException($"{option} is given twice, last as '{value}'");
        }
        return settings;
    }

    private static (string Key, bool Repeats) Find(string option)
    {
        if (Options.TryGetValue(option, out var known)) return known;
        if (option.StartsWith("--", StringComparison.Ordinal) && option.Contains(':', StringComparison.Ordinal))
            return (option[2..], false);
        throw new OptionException($"{option} is no option; there are {string.Join(", ", Options.Keys)}");
    }
}
