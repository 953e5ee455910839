using System.Security.Cryptography.X509Certificates;
using Crispy.Console.Notifying;
using Crispy.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Crispy.Console.Tests.Notifying;

[Trait("Needs", "nothing")]
public sealed class CertificateWatchTests : IDisposable
{
    // Valid for a week from now.
    private readonly TestCertificates _certificates = new(days: 7);
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private readonly OutboxTests.Messages _log = new();

    [Theory]
    [InlineData("Kestrel:Certificates:Default:Path")]
    [InlineData("Kestrel:Endpoints:Https:Certificate:Path")]
    [InlineData("Crispy:Tls:CertificateAuthorityFile")]
    public void A_certificate_of_the_consoles_own_files_is_told_of_two_weeks_before_its_end(string key)
    {
        var watch = Watch((key, _certificates.CertificateFile));
        var soon = Assert.Single(watch.Read([]));
        Assert.Equal((true, Level.Warning, "certificate/" + _certificates.CertificateFile.TrimStart('/')),
            (soon.Bad, soon.Level, soon.Key));
        _clock.Advance(TimeSpan.FromDays(8));
        Assert.Equal(Level.Bad, Assert.Single(watch.Read([])).Level);
        Assert.False(Assert.Single(Watch(new FakeTimeProvider(_clock.GetUtcNow().AddDays(-30)), (key, _certificates.CertificateFile))
            .Read([])).Bad);
    }

    [Fact]
    public void Packed_with_its_key_behind_a_password_it_is_read_too_and_of_several_the_first_to_end_counts()
    {
        using var server = X509Certificate2.CreateFromPemFile(_certificates.CertificateFile, _certificates.KeyFile);
        File.WriteAllBytes(_folder["server.pfx"], server.Export(X509ContentType.Pfx, "of this test"));
        var packed = Assert.Single(Watch(("Kestrel:Certificates:Default:Path", _folder["server.pfx"]),
            ("Kestrel:Certificates:Default:Password", "of this test")).Read([]));
        Assert.True(packed.Bad);
        // The authority's ends a month later.
        File.WriteAllText(_folder["both.crt"], File.ReadAllText(_certificates.AuthorityFile)
            + "\n" + File.ReadAllText(_certificates.CertificateFile));
        Assert.Equal(packed.Text.Replace("server.pfx", "both.crt", StringComparison.Ordinal),
            Assert.Single(Watch(("Kestrel:Certificates:Default:Path", _folder["both.crt"])).Read([])).Text);
    }

    [Fact]
    public void A_renewed_file_is_seen_within_an_hour_and_one_that_cannot_be_read_is_told_once()
    {
        File.WriteAllText(_folder["own.crt"], "no certificate");
        var watch = Watch(("Kestrel:Certificates:Default:Path", _folder["own.crt"]));
        Assert.Empty(watch.Read([]));
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Empty(watch.Read([]));
        Assert.Contains("own.crt", Assert.Single(_log.All), StringComparison.Ordinal);
        File.Copy(_certificates.CertificateFile, _folder["own.crt"], overwrite: true);
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.True(Assert.Single(watch.Read([])).Bad);
    }

    [Fact]
    public void One_that_is_no_longer_looked_at_is_over_and_one_of_a_target_that_was_not_met_yet_stays_open() =>
        Assert.Equal("certificate/hooks.example.org",
            Assert.Single(Watch().Read(["certificate/hooks.example.org", "certificate/localhost", "bucket"])).Key);

    [Fact]
    public async Task A_certificate_that_a_target_shows_is_looked_at_also_where_it_is_not_trusted()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        using var shown = X509Certificate2.CreateFromPemFile(_certificates.CertificateFile, _certificates.KeyFile);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.UseHttps(shown)));
        await using var app = builder.Build();
        app.Run(context => context.Response.WriteAsync("taken"));
        await app.StartAsync(TestContext.Current.CancellationToken);

        var watch = Watch();
        using var sender = new WebhookSender(_clock, watch.Meet);
        var target = NotifySettingsTests.Read(("Crispy:Notify:0:Url", $"https://localhost:{new Uri(app.Urls.First()).Port}/hook"))
            .Targets[0];
        var answer = await sender.SendAsync(target, Incidents.Test(_clock.GetUtcNow()), TestContext.Current.CancellationToken);
        Assert.False(answer.IsTaken, "it is of an authority that nobody trusts");
        Assert.Null(answer.Status);
        Assert.Equal((true, "certificate/localhost"), (Assert.Single(watch.Read([])).Bad, watch.Read([]).Single().Key));
    }

    public void Dispose()
    {
        _certificates.Dispose();
        _folder.Dispose();
    }

    private CertificateWatch Watch(params (string Key, string Value)[] settings) => Watch(_clock, settings);

    private CertificateWatch Watch(FakeTimeProvider clock, params (string Key, string Value)[] settings) =>
        new(new ConfigurationBuilder().AddInMemoryCollection(settings.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value)))
            .Build(), ["localhost"], clock, _log);
}
