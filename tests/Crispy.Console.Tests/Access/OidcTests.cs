using System.Text.Json.Nodes;
using System.Net.Http.Json;
using Crispy.Testing;
using Microsoft.Extensions.Options;
using Microsoft.Playwright;
using OpenIddict.Abstractions;

namespace Crispy.Console.Tests.Access;

/// <summary>People who sign in by OpenID Connect, in a browser, at a provider that packages bring.</summary>
[Collection<OneInstallation>]
public sealed class OidcTests(Installation installation) : IAsyncLifetime
{
    private const string Token = "the-token-of-crispy-api-alone";
    private readonly TempFolder _folder = new();
    private OidcProvider _provider = null!;
    private FakeStreamHandle _fake = null!;
    private RunningConsole _console = null!;

    public async ValueTask InitializeAsync()
    {
        _provider = await OidcProvider.StartAsync();
        _fake = await FakeStreamHandle.StartAsync("gate");
        (_provider.Groups["vera"], _provider.Groups["otto"], _provider.Groups["ada"], _provider.Groups["nobody"]) =
            (["guards"], ["canteen", "shift"], ["guards", "owners"], ["canteen", "Owners", "owner"]);
        _console = await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _console.DisposeAsync();
        await _fake.DisposeAsync();
        await _provider.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("vera", Role.Viewer)]
    [InlineData("otto", Role.Operator)]
    [InlineData("ada", Role.Admin)]
    public async Task A_person_signs_in_sees_what_the_role_may_do_and_signs_out(string person, Role role)
    {
        var (context, page) = await OpenAsync();
        await using var _ = context;
        await page.GotoAsync(Url("/streams/gate"));
        await SignInAsync(page, person);
        // The page that was asked for, in a session: the cookie is strict, and came along although another site led here.
        Assert.EndsWith("/streams/gate", page.Url, StringComparison.Ordinal);
        await Assertions.Expect(page.Locator("[data-part=person]")).ToHaveTextAsync($"{person} of the shift ({ApiEnum.Name(role)})");
        var cookie = Assert.Single(await context.CookiesAsync([Url("/")]), cookie => cookie.Name == "crispy-session");
        Assert.Equal((true, SameSiteAttribute.Strict), (cookie.HttpOnly, cookie.SameSite));
        Assert.Contains("code_challenge_method=S256", _provider.Asked.First(), StringComparison.Ordinal);

        await Assertions.Expect(page.Locator("nav.trail")).ToBeVisibleAsync();
        foreach (var (words, least) in ((string, Role)[])[("Pause", Role.Operator), ("Restart", Role.Operator),
            ("Edit", Role.Operator), ("Remove", Role.Admin)])
            await ExpectCountAsync(Button(page, words), role >= least ? 1 : 0);
        await ExpectCountAsync(page.Locator("nav, .side").GetByText("Audit", new() { Exact = true }).First, role == Role.Admin ? 1 : 0);
        if (role >= Role.Operator)
        {
            await Button(page, "Pause").ClickAsync();
            await Until.TrueAsync(() => _fake.Changes.Contains("POST /api/streams/gate/pause"));
            await Until.TrueAsync(() => Task.FromResult(File.ReadAllText(Log).Contains("\"action\":\"paused\"", StringComparison.Ordinal)));
        }
        // By an address typed by hand, and from the page's own script: the session's role counts.
        foreach (var (path, least) in ((string, Role)[])[("/cameras/new", Role.Operator), ("/audit", Role.Admin)])
            Assert.Equal(role >= least ? 200 : 403, (await page.GotoAsync(Url(path)))!.Status);
        await page.GotoAsync(Url("/dead"));
        Assert.Equal(role >= Role.Operator ? 200 : 403,
            await page.EvaluateAsync<int>("async () => (await fetch('/api/streams/gate/resume', { method: 'POST' })).status"));
        Assert.Equal(role >= Role.Admin ? 200 : 403,
            await page.EvaluateAsync<int>("async () => (await fetch('/api/streams/gate', { method: 'DELETE' })).status"));

        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Assertions.Expect(page.GetByText("You are signed out")).ToBeVisibleAsync();
        Assert.Equal(401, await page.EvaluateAsync<int>("async () => (await fetch('/api/streams')).status"));
        await page.GotoAsync(Url("/dead"));
        Assert.Contains("/sign-in", page.Url, StringComparison.Ordinal);
        var mine = (await EntriesAsync()).Where(entry => (string?)entry["subject"] == $"sub-of-{person}")
            .Select(entry => (string)entry["action"]!).ToList();
        Assert.Equal(("signedOut", "signedIn"), (mine[0], mine[^1]));
        Assert.Equal(2, mine.Count(action => action.StartsWith("signed", StringComparison.Ordinal)));
        Assert.DoesNotContain(OidcProvider.ClientSecret, _console.Output + File.ReadAllText(Log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_has_no_role_gets_403_and_a_role_that_is_taken_away_is_gone_with_the_session()
    {
        await using var shortly = await StartAsync("--Crispy:Console:Oidc:SessionLifetime=00:00:20");
        var (context, page) = await OpenAsync();
        await using var _ = context;
        // Groups count exactly as they are written.
        await page.GotoAsync(Url("/", shortly));
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in with Example" }).ClickAsync();
        var refused = await page.RunAndWaitForResponseAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "nobody" }).ClickAsync(),
            answer => answer.Url.Contains("/session/oidc/callback", StringComparison.Ordinal));
        Assert.Equal(403, refused.Status);
        await Assertions.Expect(page.GetByText("has no role at this console")).ToBeVisibleAsync();
        Assert.DoesNotContain(await context.CookiesAsync([Url("/", shortly)]), cookie => cookie.Name == "crispy-session");

        await page.GotoAsync(Url("/", shortly));
        await SignInAsync(page, "otto");
        _provider.Groups["otto"] = ["canteen"];
        // The open page notices that its session is over, and leads to the sign-in page; the API refuses at the same moment.
        await page.WaitForURLAsync(url => url.Contains("/sign-in", StringComparison.Ordinal));
        Assert.Equal(401, await page.EvaluateAsync<int>("async () => (await fetch('/api/streams/gate/pause', { method: 'POST' })).status"));
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in with Example" }).ClickAsync();
        var again = await page.RunAndWaitForResponseAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "otto" }).ClickAsync(),
            answer => answer.Url.Contains("/session/oidc/callback", StringComparison.Ordinal));
        Assert.Equal(403, again.Status);
        Assert.Empty(_fake.Changes);
    }

    [Fact]
    public async Task An_answer_that_was_not_asked_for_here_or_too_long_ago_begins_no_session()
    {
        var (context, page) = await OpenAsync();
        await using var _ = context;
        await page.GotoAsync(Url("/session/oidc/callback?code=x&state=of-nobody"));
        await Assertions.Expect(page.GetByText("Signing in did not work")).ToBeVisibleAsync();

        // Begun in this browser, whose cookies of it are gone meanwhile, as after a quarter of an hour.
        await page.GotoAsync(Url("/"));
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in with Example" }).ClickAsync();
        await context.ClearCookiesAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "ada" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Signing in did not work")).ToBeVisibleAsync();

        // A good answer of somebody else's browser: an attacker's account would be what the victim works in.
        var (other, theirs) = await OpenAsync();
        await using var __ = other;
        await theirs.GotoAsync(Url("/"));
        await theirs.GetByRole(AriaRole.Link, new() { Name = "Sign in with Example" }).ClickAsync();
        await Assertions.Expect(theirs.GetByRole(AriaRole.Link, new() { Name = "ada" })).ToBeVisibleAsync();
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        using var answer = await client.GetAsync($"{theirs.Url}&person=ada", TestContext.Current.CancellationToken);
        Assert.Contains("/session/oidc/callback?code=", answer.Headers.Location!.ToString(), StringComparison.Ordinal);
        await page.GotoAsync(answer.Headers.Location.ToString());
        await Assertions.Expect(page.GetByText("Signing in did not work")).ToBeVisibleAsync();
        Assert.DoesNotContain(await context.CookiesAsync([Url("/")]), cookie => cookie.Name == "crispy-session");
        Assert.Equal(3, (await EntriesAsync()).Count(entry => (string?)entry["action"] == "refused"));
        Assert.DoesNotContain(await EntriesAsync(), entry => (string?)entry["action"] == "signedIn");
    }

    [Theory]
    [InlineData("audience")]
    [InlineData("issuer")]
    [InlineData("nonce")]
    [InlineData("expired")]
    public async Task A_token_for_another_client_of_another_provider_of_another_try_or_of_before_is_refused(string what)
    {
        _provider.Twist = what switch
        {
            "audience" => principal => principal.SetAudiences("another-client"),
            "issuer" => principal => principal.SetClaim(OpenIddictConstants.Claims.Private.Issuer, "http://elsewhere.example/"),
            "nonce" => principal => principal.SetClaim("nonce", "of-another-try"),
            _ => principal => principal.SetExpirationDate(TimeProvider.System.GetUtcNow().AddHours(-1)),
        };
        var (context, page) = await OpenAsync();
        await using var _ = context;
        await page.GotoAsync(Url("/"));
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in with Example" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "ada" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Signing in did not work")).ToBeVisibleAsync();
        Assert.DoesNotContain(await context.CookiesAsync([Url("/")]), cookie => cookie.Name == "crispy-session");
        Assert.Equal("refused", (string?)Assert.Single(await EntriesAsync())["action"]);
    }

    [Theory]
    [InlineData("//evil.example/x")]
    [InlineData("/\\evil.example/x")]
    [InlineData("https://evil.example/x")]
    [InlineData("/\t/evil.example/x")]
    [InlineData("javascript:alert(1)")]
    [InlineData("/x\\..\\\\evil.example")]
    public async Task Nobody_is_led_to_another_site(string to)
    {
        var (context, page) = await OpenAsync();
        await using var _ = context;
        await page.GotoAsync(Url($"/session/oidc?to={Uri.EscapeDataString(to)}"));
        await page.GetByRole(AriaRole.Link, new() { Name = "vera" }).ClickAsync();
        await Assertions.Expect(page.Locator("[data-part=person]")).ToBeVisibleAsync();
        Assert.Equal(Url("/"), page.Url);

        await context.ClearCookiesAsync();
        await page.GotoAsync(Url($"/sign-in?to={Uri.EscapeDataString(to)}"));
        await page.GetByLabel("Token").FillAsync(Token);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await Assertions.Expect(page.Locator("[data-part=person]")).ToHaveTextAsync("token (admin)");
        Assert.Equal(Url("/"), page.Url);
    }

    [Fact]
    public async Task A_provider_that_is_away_is_told_and_the_token_still_works()
    {
        await _provider.DisposeAsync();
        var (context, page) = await OpenAsync();
        await using var _ = context;
        await page.GotoAsync(Url("/losses"));
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in with Example" }).ClickAsync();
        await Assertions.Expect(page.GetByText("The provider of accounts does not answer")).ToBeVisibleAsync();
        await page.GetByLabel("Token").FillAsync(Token);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await page.WaitForURLAsync(Url("/losses"));
    }

    [Theory]
    [InlineData("Crispy:Console:Oidc:Authority is missing", "ClientId=x")]
    [InlineData("Crispy:Console:Oidc:Authority is 'http://accounts.example.org/': must be https://, or RequireHttps false",
        "Authority=http://accounts.example.org/", "ClientId=x")]
    [InlineData("Crispy:Console:Oidc:Authority is '***'", "Authority=https://user:secret@accounts.example.org/", "ClientId=x")]
    [InlineData("Crispy:Console:Oidc:ClientId is missing", "Authority=https://accounts.example.org/")]
    [InlineData("Crispy:Console:Oidc:ClientSecret is '***': stands on the command line", "Authority=https://accounts.example.org/",
        "ClientId=x", "ClientSecret=secret")]
    [InlineData("Crispy:Console:Oidc:ClientSecretFile is '/no/such/file'", "Authority=https://accounts.example.org/", "ClientId=x",
        "ClientSecretFile=/no/such/file")]
    [InlineData("Crispy:Console:Oidc:Roles is missing", "Authority=https://accounts.example.org/", "ClientId=x")]
    [InlineData("Crispy:Console:Oidc:Roles:Owner is not a known key", "Authority=https://accounts.example.org/",
        "ClientId=x", "Roles:Owner=y")]
    [InlineData("Crispy:Console:Oidc:Roles:Viewer is 'y': stands for admin already", "Authority=https://accounts.example.org/",
        "ClientId=x", "Roles:Admin=y", "Roles:Viewer=y")]
    [InlineData("Crispy:Console:Oidc:DefaultRole is 'boss'", "Authority=https://accounts.example.org/", "ClientId=x", "DefaultRole=boss")]
    [InlineData("Crispy:Console:Oidc:RequireHttps is 'perhaps'", "Authority=https://accounts.example.org/",
        "ClientId=x", "RequireHttps=perhaps")]
    [InlineData("Crispy:Console:Oidc:SessionLifetime is '7'", "Authority=https://accounts.example.org/", "ClientId=x", "SessionLifetime=7")]
    [InlineData("Crispy:Console:Oidc:Scopes is 'email'", "Authority=https://accounts.example.org/", "ClientId=x", "Scopes=email")]
    [InlineData("Crispy:Console:Oidc:Colour is not a known key", "Authority=https://accounts.example.org/", "ClientId=x", "Colour=red")]
    public void Mistakes_of_the_configuration_are_named_with_their_key_and_without_a_secret(string expected, params string[] settings)
    {
        var mistake = Assert.Throws<OptionsValidationException>(() => ConsoleApp.Create(
            [.. RunningConsole.Usual, $"--Crispy:Api:Token={Token}", .. settings.Select(setting => $"--Crispy:Console:Oidc:{setting}")]));
        Assert.Contains(mistake.Failures, failure => failure.StartsWith(expected, StringComparison.Ordinal));
        Assert.DoesNotContain("secret", string.Join('\n', mistake.Failures).Replace("ClientSecret", "", StringComparison.Ordinal),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Crispy:Console:Tokens:0:Role is 'boss'", "0:Name=x", "0:Role=boss", "0:TokenFile=/no/such/file")]
    [InlineData("Crispy:Console:Tokens:0:Name is ''", "0:Role=viewer", "0:TokenFile=/no/such/file")]
    [InlineData("Crispy:Console:Tokens:0:Token is missing", "0:Name=x", "0:Role=viewer")]
    [InlineData("Crispy:Console:Tokens:0:Token is '***': stands on the command line", "0:Name=x", "0:Role=viewer",
        "0:Token=0123456789abcdef")]
    [InlineData("Crispy:Console:Tokens:0:Colour is not a known key", "0:Name=x", "0:Role=viewer", "0:Colour=red")]
    public void Mistakes_in_tokens_are_named_with_their_key(string expected, params string[] settings)
    {
        var mistake = Assert.Throws<OptionsValidationException>(() => ConsoleApp.Create(
            [.. RunningConsole.Usual, $"--Crispy:Api:Token={Token}", .. settings.Select(setting => $"--Crispy:Console:Tokens:{setting}")]));
        Assert.Contains(mistake.Failures, failure => failure.StartsWith(expected, StringComparison.Ordinal));
    }

    private string Log => Directory.GetFiles(_folder["audit"], "audit-*.jsonl").Order(StringComparer.Ordinal).Last();

    private string Url(string path, RunningConsole? console = null) => new Uri((console ?? _console).Address, path).ToString();

    private static ILocator Button(IPage page, string words) =>
        page.Locator("main").Locator("fluent-button, fluent-anchor-button").Filter(new() { HasTextRegex = new($@"^\s*{words}\s*$") });

    private static Task ExpectCountAsync(ILocator locator, int count) => Assertions.Expect(locator).ToHaveCountAsync(count);

    private static async Task SignInAsync(IPage page, string person)
    {
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in with Example" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = person, Exact = true }).ClickAsync();
        // Interactive: the connection is within the session too.
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Local time" })).ToBeVisibleAsync();
    }

    private async Task<(IBrowserContext Context, IPage Page)> OpenAsync()
    {
        var context = await installation.Browser.NewContextAsync(new() { TimezoneId = "Europe/Berlin", Locale = "en-GB" });
        context.SetDefaultTimeout(300_000);
        return (context, await context.NewPageAsync());
    }

    private async Task<List<JsonNode>> EntriesAsync()
    {
        using var client = new HttpClient { BaseAddress = _console.Address };
        client.DefaultRequestHeaders.Authorization = new("Bearer", Token);
        return [.. (await client.GetFromJsonAsync<JsonNode>("/api/audit?limit=1000"))!["items"]!.AsArray().Select(entry => entry!)];
    }

    private Task<RunningConsole> StartAsync(params string[] more)
    {
        var folder = _folder[_console is null ? "audit" : $"audit-{more.Length}"];
        return RunningConsole.StartAsync(
            [$"--Crispy:Api:Token={Token}", $"--Crispy:Console:StreamHandle={_fake.Address}", $"--Crispy:Console:AuditFolder={folder}",
            .. _provider.Settings(_folder), .. more]);
    }
}
