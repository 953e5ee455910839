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

    /// <summary>Reads and checks the configuration.</summary>
    /// <exception cref="OptionsValidationException">It holds mistakes; all of them are named.</exception>
    public static ConsoleSettings Read(IConfiguration configuration)
    {
        var settings = new SettingsReader(configuration);
        var keys = settings.Section(Section);
        var token = new AccessToken(ApiSettings.Read(settings));
        var reportKey = keys.PrivateKey("ReportKey");
        var read = new ConsoleSettings(
            token,
            Accounts.Read(settings, token),
            ReadAddresses(keys),
            keys.FullPath("KeysFolder"),
            keys.FullPath("PlotsFile"),
            keys.Span("SessionLifetime", TimeSpan.FromMinutes(5), TimeSpan.FromDays(30)) ?? TimeSpan.FromHours(12),
            NotifySettings.Read(settings),
            new(reportKey),
            AuditSettings.Read(keys, reportKey),
            ReadPrices(settings));
        keys.RefuseUnknownKeys();
        return settings.Checked(read);
    }

    /// <summary>Refuses a key for reports that is one of those that sign chunks:
    /// who shows recordings must not be able to make any.</summary>
    /// <exception cref="OptionsValidationException">It is.</exception>
    public void RequireOwnReportKey(IEnumerable<string> chunkKeys)
    {
        if (Reports.KeyId is { } key && chunkKeys.Contains(key, StringComparer.Ordinal))
            throw SettingsReader.Refusal<ConsoleSettings>(
                $"{Section}:ReportKey, or the key in ReportKeyFile, is one of Crispy:Signing:PublicKeys: reports need a key of their own");
    }

    private static PriceList ReadPrices(SettingsReader settings)
    {
        var keys = settings.Section(PriceList.Section);
        var prices = PriceList.Read(keys.Text, settings.Mistakes);
        keys.RefuseUnknownKeys();
        return prices;
    }

    private static List<Uri> ReadAddresses(SectionReader keys) =>
        [.. (keys.Text("StreamHandle") ?? "http://stream-handle")
            .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(address => keys.Address("StreamHandle", address)).OfType<Uri>()];
}
