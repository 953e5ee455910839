using System.Globalization;
using Crispy.Archive;
using Crispy.Console.Auditing;
using Crispy.Console.Notifying;
using Crispy.Console.People;
using Crispy.Contracts;
using Microsoft.Extensions.Options;

namespace Crispy.Console;

/// <summary>Everything that the console is told by its configuration, checked.</summary>
/// <param name="Token">The token that stream-handle takes too, and the hosts under which the console may be asked.</param>
/// <param name="Accounts">Who may sign in, and as what.</param>
/// <param name="StreamHandles">Where the stream-handles are: addresses, or a name that service discovery knows.</param>
/// <param name="KeysFolder">Where the keys of sessions are kept, so that a restart signs nobody out; null keeps them in memory.</param>
/// <param name="PlotsFile">Where the samples of the plots are kept, so that a restart loses none; null keeps them in memory.</param>
/// <param name="SessionLifetime">How long a session lasts without a request, 5 minutes to 30 days.</param>
/// <param name="Notify">Who is told what.</param>
/// <param name="Reports">Signs reports, with the key of <c>ReportKey</c> (environment) or <c>ReportKeyFile</c> (a file of mode 0600,
/// or a mounted secret).</param>
/// <param name="Audit">Where the audit log is kept.</param>
/// <param name="Prices">What the bucket costs: <c>Crispy:Prices</c>.</param>
public sealed record ConsoleSettings(AccessToken Token, Accounts Accounts, IReadOnlyList<Uri> StreamHandles,
    string? KeysFolder, string? PlotsFile,
    TimeSpan SessionLifetime, NotifySettings Notify, ReportSigner Reports, AuditSettings Audit, PriceList Prices)
{
    private const string Section = "Crispy:Console";
    private static readonly string[] Known = ["StreamHandle", "KeysFolder", "PlotsFile", "SessionLifetime", "ReportKey", "ReportKeyFile",
        "Oidc", "Tokens", .. NotifySettings.ConsoleKeys, .. AuditSettings.ConsoleKeys];

    /// <summary>Reads and checks the configuration.</summary>
    /// <exception cref="OptionsValidationException">It holds mistakes; all of them are named.</exception>
    public static ConsoleSettings Read(IConfiguration configuration)
    {
        var mistakes = new List<string>();
        var section = configuration.GetSection(Section);
        foreach (var child in section.GetChildren().Where(child => !Known.Contains(child.Key, StringComparer.OrdinalIgnoreCase)))
            mistakes.Add($"{child.Path} is not a known key (known: {string.Join(", ", Known.Order(StringComparer.Ordinal))})");
        var token = AccessToken.Read(configuration.GetSection("Crispy:Api"), mistakes);
        var reportKey = ReadReportKey(section, mistakes);
        var settings = new ConsoleSettings(
            token,
            Accounts.Read(configuration, token, mistakes),
            ReadAddresses(section["StreamHandle"] ?? "http://stream-handle", mistakes),
            section["KeysFolder"] is { Length: > 0 } folder ? Path.GetFullPath(folder) : null,
            section["PlotsFile"] is { Length: > 0 } file ? Path.GetFullPath(file) : null,
            ReadLifetime(section["SessionLifetime"], mistakes),
            NotifySettings.Read(configuration, section, mistakes),
            new(reportKey),
            AuditSettings.Read(section, reportKey, mistakes),
            ReadPrices(configuration.GetSection(PriceList.Section), mistakes));
        return mistakes.Count == 0 ? settings : throw new OptionsValidationException(Section, typeof(ConsoleSettings), mistakes);
    }

    /// <summary>Refuses a key for reports that is one of those that sign chunks:
    /// who shows recordings must not be able to make any.</summary>
    /// <exception cref="OptionsValidationException">It is.</exception>
    public void RequireOwnReportKey(IEnumerable<string> chunkKeys)
    {
        if (Reports.KeyId is { } key && chunkKeys.Contains(key, StringComparer.Ordinal))
            throw new OptionsValidationException(Section, typeof(ConsoleSettings),
                [
                    $"{Section}:ReportKey, or the key in ReportKeyFile, is one of Crispy:Signing:PublicKeys: "
                        + "reports need a key of their own"]);
    }

    private static PriceList ReadPrices(IConfigurationSection section, List<string> mistakes)
    {
        foreach (var child in section.GetChildren().Where(child => !PriceList.Keys.Contains(child.Key, StringComparer.OrdinalIgnoreCase)))
            mistakes.Add($"{child.Path} is not a known key (known: {string.Join(", ", PriceList.Keys.Order(StringComparer.Ordinal))})");
        return PriceList.Read(key => section[key], mistakes);
    }

    private static string? ReadReportKey(IConfigurationSection section, List<string> mistakes) =>
        PrivateKeySetting.Read(Text(section["ReportKey"]), Text(section["ReportKeyFile"]), "ReportKey",
            (key, value, rule) => mistakes.Add($"{Section}:{key} is '{value}': {rule}"));

    private static string? Text(string? value) => string.IsNullOrEmpty(value) ? null : value;

    private static List<Uri> ReadAddresses(string text, List<string> mistakes) =>
        [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(address => ReadAddress("StreamHandle", address, mistakes)).OfType<Uri>()];

    private static Uri? ReadAddress(string key, string? text, List<string> mistakes)
    {
        if (string.IsNullOrEmpty(text)) return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address.UserInfo.Length == 0)
            return address;
        // What has an @ holds a password.
        var shown = text.Contains('@', StringComparison.Ordinal) ? "***" : text;
        mistakes.Add($"{Section}:{key} is '{shown}': must be an address, http:// or https://");
        return null;
    }

    private static TimeSpan ReadLifetime(string? text, List<string> mistakes)
    {
        if (string.IsNullOrEmpty(text)) return TimeSpan.FromHours(12);
        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) && span >= TimeSpan.FromMinutes(5)
            && span <= TimeSpan.FromDays(30))
            return span;
        mistakes.Add($"{Section}:SessionLifetime is '{text}': must be hh:mm:ss or d.hh:mm:ss, from 00:05:00 to 30.00:00:00");
        return default;
    }
}
