using Crispy.Console.Notifying;
using Crispy.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Crispy.Console.Tests.Notifying;

[Trait("Needs", "nothing")]
public sealed class NotifySettingsTests
{
    private const string Url = "https://user:pass-word@hooks.example.org/services/T00000000/B00000000/XXXXXXXX?key=abcdef#frag";
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    [Fact]
    public void Targets_are_read_with_their_numbers_and_one_that_nobody_filled_in_is_none()
    {
        var settings = Read(("Crispy:Notify:3:Url", "http://127.0.0.1:9/"), ("Crispy:Notify:0:Url", Url),
            ("Crispy:Notify:0:Kinds", "camera, Bucket"), ("Crispy:Notify:0:Secret", Secret),
            ("Crispy:Notify:1:Url", ""), ("Crispy:Notify:1:Secret", ""), ("Crispy:Notify:3:Kinds:0", "law"),
                ("Crispy:Console:NotifyHold", "00:00:01"));
        Assert.Equal([0, 3], settings.Targets.Select(target => target.Number));
        Assert.Equal([NoticeKind.Camera, NoticeKind.Bucket], settings.Targets[0].Kinds);
        Assert.Equal([NoticeKind.Law], settings.Targets[1].Kinds);
        Assert.NotNull(settings.Targets[0].Secret);
        Assert.Equal((TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10), null), (settings.Hold, settings.CameraHold, settings.Folder));
    }

    [Fact]
    public void Of_an_address_only_scheme_host_and_port_are_shown_and_no_text_that_repeats_the_rest()
    {
        var target = Read(("Crispy:Notify:0:Url", Url),
            ("Crispy:Notify:0:Body", """{"routing_key": "0123456789abcdef0123", "text": "{text}"}""")).Targets[0];
        Assert.Equal("https://hooks.example.org/***", target.Shown);
        Assert.Equal("Crispy:Notify:0 (https://hooks.example.org/***)", target.ToString());
        foreach (var part in new[] { "XXXXXXXX", "xxxxxxxx is unknown", "pass-word", "/T00000000/", "0123456789ABCDEF0123" })
            Assert.False(target.MayShow(part), part);
        Assert.True(target.MayShow("invalid_payload"));
        Assert.Equal("http://127.0.0.1:9", Read(("Crispy:Notify:0:Url", "http://127.0.0.1:9")).Targets[0].Shown);
        Assert.Equal("http://127.0.0.1:9/***", Read(("Crispy:Notify:0:Url", "http://127.0.0.1:9?topic")).Targets[0].Shown);
    }

    [Fact]
    public void What_waits_for_a_target_is_found_again_under_any_number_and_body()
    {
        var before = Read(("Crispy:Notify:0:Url", "http://a/1"), ("Crispy:Notify:1:Url", "http://b/1"),
            ("Crispy:Notify:2:Url", "http://b/1"), ("Crispy:Notify:2:Body", "{text}")).Targets;
        var after = Read(("Crispy:Notify:5:Url", "http://b/1"), ("Crispy:Notify:5:Body", "{key}"), ("Crispy:Notify:6:Url", "http://b/1"),
            ("Crispy:Notify:9:Url", "http://a/1")).Targets;
        Assert.Equal([before[1].Id, before[2].Id, before[0].Id], after.Select(target => target.Id));
        Assert.Equal(3, before.Select(target => target.Id).Distinct().Count());
    }

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public void Secrets_and_bodies_come_from_files_of_their_owner_alone_too()
    {
        using var folder = new TempFolder();
        foreach (var (name, text) in new[] { ("url", "https://hooks.example.org/x\n"), ("secret", Secret + "\n"), ("body", "{text}") })
        {
            File.WriteAllText(folder[name], text);
            File.SetUnixFileMode(folder[name], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
        (string, string)[] files = [("Crispy:Notify:0:UrlFile", folder["url"]), ("Crispy:Notify:0:SecretFile", folder["secret"]),
            ("Crispy:Notify:0:BodyFile", folder["body"])];
        Assert.Equal("https://hooks.example.org/***", Read(files).Targets[0].Shown);
        File.SetUnixFileMode(folder["secret"], UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.Contains("Crispy:Notify:0:SecretFile", Assert.Single(Mistakes(files)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Crispy:Notify:Url is not a known key: targets have numbers", "Crispy:Notify:Url", "https://x")]
    [InlineData("Crispy:Notify:-1 is not a known key", "Crispy:Notify:-1:Url", "https://x")]
    [InlineData("Crispy:Notify holds a value", "Crispy:Notify", "https://x")]
    [InlineData("Crispy:Notify:0 holds a value of its own: give Crispy:Notify:0:Url", "Crispy:Notify:0", "https://secret-of-this")]
    [InlineData("Crispy:Notify:00 is not a known key", "Crispy:Notify:00:Url", "https://x")]
    [InlineData("Crispy:Notify:0:Colour is not a known key (known: Url,", "Crispy:Notify:0:Url", "https://x", "Crispy:Notify:0:Colour",
        "red")]
    [InlineData("Crispy:Notify:0:Url is missing", "Crispy:Notify:0:Kinds", "camera")]
    [InlineData("Crispy:Notify:0:Url is '***': must be an address", "Crispy:Notify:0:Url", "ftp://user:secret-of-this@host/")]
    [InlineData("Crispy:Notify:0:Url is '***': must be an address", "Crispy:Notify:0:Url", "/just/secret-of-this")]
    [InlineData("Crispy:Notify:0:Kinds is 'camra': must be some of camera, bucket, broker, workers, streamHandle, spool, "
        + "loss, dead, law, certificate", "Crispy:Notify:0:Url", "https://x", "Crispy:Notify:0:Kinds", "bucket,camra")]
    [InlineData("Crispy:Notify:0:Kinds is 'test'", "Crispy:Notify:0:Url", "https://x", "Crispy:Notify:0:Kinds", "test")]
    [InlineData("Crispy:Notify:0:Secret is '***': must be whsec_", "Crispy:Notify:0:Url", "https://x", "Crispy:Notify:0:Secret",
        "secret-of-this")]
    [InlineData("Crispy:Notify:0:SecretFile is '/no/such': is given together with Secret", "Crispy:Notify:0:Url", "https://x",
        "Crispy:Notify:0:Secret", Secret, "Crispy:Notify:0:SecretFile", "/no/such")]
    [InlineData("Crispy:Notify:0:UrlFile is '/no/such'", "Crispy:Notify:0:UrlFile", "/no/such")]
    [InlineData("Crispy:Notify:0:Body names {nothing}", "Crispy:Notify:0:Url", "https://x", "Crispy:Notify:0:Body", "{nothing}")]
    [InlineData("Crispy:Notify:0:Body is not JSON", "Crispy:Notify:0:Url", "https://x", "Crispy:Notify:0:Body",
        "{\"key\": secret-of-this}")]
    [InlineData("Crispy:Notify:0:ContentType is 'json'", "Crispy:Notify:0:Url", "https://x", "Crispy:Notify:0:ContentType", "json")]
    [InlineData("Crispy:Console:NotifyHold is '1h'", "Crispy:Console:NotifyHold", "1h")]
    [InlineData("Crispy:Console:NotifyCameraHold is '02:00:00'", "Crispy:Console:NotifyCameraHold", "02:00:00")]
    public void Mistakes_are_named_with_their_key_and_no_secret(string expected, params string[] pairs)
    {
        var mistakes = Mistakes([.. pairs.Chunk(2).Select(pair => (pair[0], pair[1]))]);
        Assert.StartsWith(expected, Assert.Single(mistakes), StringComparison.Ordinal);
        Assert.DoesNotContain("secret-of-this", mistakes[0], StringComparison.Ordinal);
    }

    [Fact]
    public void There_is_an_end_to_how_many_targets_there_can_be() => Assert.Contains("33 targets",
        Assert.Single(Mistakes([.. Enumerable.Range(0, 33)
            .Select(number => ($"Crispy:Notify:{number}:Url", $"http://{number}.example.org"))])), StringComparison.Ordinal);

    [Fact]
    public void A_console_with_a_mistake_does_not_start()
    {
        var mistake = Assert.Throws<OptionsValidationException>(() =>
            ConsoleApp.Create([.. RunningConsole.Usual, "--Crispy:Api:AllowAnonymous=true", "--Crispy:Notify:0:Url=nowhere"]));
        Assert.Contains("Crispy:Notify:0:Url", Assert.Single(mistake.Failures), StringComparison.Ordinal);
    }

    internal static NotifySettings Read(params (string Key, string Value)[] pairs)
    {
        var mistakes = new List<string>();
        var settings = Read(pairs, mistakes);
        Assert.Empty(mistakes);
        return settings;
    }

    private static List<string> Mistakes(params (string Key, string Value)[] pairs)
    {
        var mistakes = new List<string>();
        Read(pairs, mistakes);
        return mistakes;
    }

    private static NotifySettings Read((string Key, string Value)[] pairs, List<string> mistakes)
    {
        var settings = new SettingsReader(new ConfigurationBuilder()
            .AddInMemoryCollection(pairs.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value))).Build());
        var read = NotifySettings.Read(settings);
        mistakes.AddRange(settings.Mistakes);
        return read;
    }
}
