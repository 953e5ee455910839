namespace Crispy.CloudEmulator;

/// <summary>
/// The emulator's options, from section <c>Emulator</c> of the configuration; see <see cref="CommandLine"/> for their short forms.
/// </summary>
internal sealed record EmulatorOptions
{
    private static readonly string[] Known = ["Data", "Buckets", "Notify", "Signers", "Md5", "Fsync", "AllowedHosts"];

    /// <summary>Folder of everything that is kept.</summary>
    public required string Data { get; init; }

    /// <summary>Made at start when missing.</summary>
    public IReadOnlyList<string> Buckets { get; init; } = [];

    /// <summary>Gets OBJECT_FINALIZE of every bucket.</summary>
    public Uri? Notify { get; init; }

    /// <summary>Files of accounts whose signed URLs are accepted.</summary>
    public IReadOnlyList<string> Signers { get; init; } = [];

    /// <summary>Whether objects get an MD5: it is most of an upload's CPU time,
    /// and clients of Cloud Storage must do without on some objects.</summary>
    public bool Md5 { get; init; } = true;

    /// <summary>Whether each object's bytes are on the disk itself before the upload is answered.</summary>
    public bool Fsync { get; init; }

    /// <summary>Hosts under which it may be asked, besides those on which it listens.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <exception cref="OptionException">A value is missing or wrong, or a key is unknown.</exception>
    public static EmulatorOptions From(IConfiguration configuration)
    {
        var section = configuration.GetSection("Emulator");
        if (section.GetChildren().FirstOrDefault(child => !Known.Contains(child.Key, StringComparer.OrdinalIgnoreCase)) is { } unknown)
            throw new OptionException($"Emulator:{unknown.Key} is no option; there are {string.Join(", ", Known)}");
        var notify = section["Notify"];
        var options = new EmulatorOptions
        {
            Data = section["Data"] is { Length: > 0 } data
                ? data
                : throw new OptionException("--data (Emulator:Data) is missing: the folder for objects and metadata"),
            Buckets = Several(section, "Buckets"),
            Notify = string.IsNullOrEmpty(notify) ? null : HttpUri(notify),
            Signers = Several(section, "Signers"),
            Md5 = Flag(section, "Md5", true),
            Fsync = Flag(section, "Fsync", false),
            AllowedHosts = OwnHosts.Parse(section["AllowedHosts"])
                ?? throw new OptionException($"--allowed-hosts '{section["AllowedHosts"]}' (Emulator:AllowedHosts) {OwnHosts.Rule}"),
        };
        if (options.Buckets.FirstOrDefault(bucket => !Storing.Buckets.IsName(bucket)) is { } wrong)
            throw new OptionException(
                $"--bucket '{wrong}' (Emulator:Buckets) is no bucket name: 3 to 63 of a-z, 0-9, '-', '_', '.', a letter or digit "
                    + $"at both ends");
        return options;
    }

    private static List<string> Several(IConfigurationSection section, string key) =>
        [.. section.GetSection(key).GetChildren().Select(child => child.Value).OfType<string>().Where(value => value.Length > 0)];

    private static Uri HttpUri(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? new Uri(text)
            : throw new OptionException($"--notify '{text}' (Emulator:Notify) is no absolute http or https URL");

    private static bool Flag(IConfigurationSection section, string key, bool otherwise)
    {
        if (section[key] is not { Length: > 0 } text) return otherwise;
        return bool.TryParse(text, out var flag)
            ? flag
            : throw new OptionException($"--{key.ToLowerInvariant()} '{text}' (Emulator:{key}) is neither true nor false");
    }
}
