using System.Net;
using Crispy.Testing;
using Microsoft.Extensions.Options;
using Microsoft.Playwright;

namespace Crispy.Console.Tests;

[Collection<OneInstallation>]
public sealed class SignInTests(Installation installation)
{
    private const string Token = "a-token-of-this-test-alone";

    [Fact]
    public async Task Pages_and_the_api_ask_for_the_token_and_a_session_is_out_of_reach_of_scripts()
    {
        await using var console = await RunningConsole.StartAsync($"--Crispy:Api:Token={Token}");
        Assert.DoesNotContain(Token, console.Output, StringComparison.Ordinal);
        var address = console.Address;

        await using (var opened = await ConsolePage.OpenAsync(installation.Browser, new(address, "/losses"), interactive: false))
        {
            var page = opened.Page;
            Assert.Contains("/sign-in", page.Url, StringComparison.Ordinal);
            await page.WaitForFunctionAsync("() => document.querySelector('.sign-in img').naturalWidth > 0");
            await page.GetByLabel("Token").FillAsync("not-the-token-of-anything");
            await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
            await Assertions.Expect(page.GetByText("That is not the token.")).ToBeVisibleAsync();

            await page.GetByLabel("Token").FillAsync(Token);
            await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
            await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Losses", Exact = true })).ToBeVisibleAsync();
            // The page that was asked for, and interactive: its connection is within the session too.
            Assert.EndsWith("/losses", page.Url, StringComparison.Ordinal);
            await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Local time" })).ToBeVisibleAsync();
            var cookie = Assert.Single(await page.Context.CookiesAsync(), cookie => cookie.Name == "crispy-session");
            Assert.True(cookie.HttpOnly);
            Assert.Equal(SameSiteAttribute.Strict, cookie.SameSite);
            Assert.DoesNotContain(Token, await page.ContentAsync(), StringComparison.Ordinal);

            await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
            await Assertions.Expect(page.GetByLabel("Token")).ToBeVisibleAsync();
            await page.GotoAsync(new Uri(address, "/dead").ToString());
            Assert.Contains("/sign-in", page.Url, StringComparison.Ordinal);
        }

        using var client = new HttpClient();
        foreach (var path in new[] { "/api/streams", "/api/ledger", "/api/dead", "/openapi/v1.json", "/download/a/b/c" })
        {
            using var refused = await client.GetAsync(new Uri(address, path), TestContext.Current.CancellationToken);
            Assert.True(refused.StatusCode == HttpStatusCode.Unauthorized || refused.RequestMessage!.RequestUri!.AbsolutePath == "/sign-in",
                $"{path}: {refused.StatusCode}");
        }
        foreach (var path in new[] { "/alive", "/css/site.css" })
        {
            using var open = await client.GetAsync(new Uri(address, path), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, open.StatusCode);
        }
        client.DefaultRequestHeaders.Authorization = new("Bearer", Token);
        using var answered = await client.GetAsync(new Uri(address, "/openapi/v1.json"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
    }

    [Theory]
    [InlineData("cross-site", HttpStatusCode.Forbidden)]
    [InlineData("same-site", HttpStatusCode.Forbidden)]
    [InlineData("same-origin", HttpStatusCode.NotFound)]
    [InlineData(null, HttpStatusCode.NotFound)]
    public async Task What_another_site_makes_a_browser_send_is_refused(string? from, HttpStatusCode expected)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(installation.Address, "/api/streams/nobody/pause"));
        if (from is not null) request.Headers.Add("Sec-Fetch-Site", from);
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(expected, answer.StatusCode);
    }

    [Fact]
    public async Task A_stream_handle_that_is_away_is_told_with_what_to_do()
    {
        await using var console = await RunningConsole.StartAsync("--Crispy:Api:AllowAnonymous=true",
            $"--Crispy:Console:StreamHandle=http://127.0.0.1:{FreePort.Next()}");
        await using var opened = await ConsolePage.OpenAsync(installation.Browser, console.Address);
        await Assertions.Expect(opened.Page.GetByText("stream-handle at 127.0.0.1")).ToBeVisibleAsync();
        await Assertions.Expect(opened.Page.GetByText("look at its log")).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData("Crispy:Api:Token is missing")]
    [InlineData("Crispy:Api:Token is '***'", "--Crispy:Api:Token=short")]
    [InlineData("Crispy:Api:AllowAnonymous is 'perhaps'", "--Crispy:Api:AllowAnonymous=perhaps")]
    [InlineData("given together with a token", "--Crispy:Api:AllowAnonymous=true", "--Crispy:Api:Token=0123456789abcdef")]
    [InlineData("Crispy:Console:Colour is not a known key", "--Crispy:Api:AllowAnonymous=true", "--Crispy:Console:Colour=red")]
    [InlineData("Crispy:Console:StreamHandle is 'here'", "--Crispy:Api:AllowAnonymous=true", "--Crispy:Console:StreamHandle=here")]
    [InlineData("Crispy:Console:SessionLifetime is '1'", "--Crispy:Api:AllowAnonymous=true", "--Crispy:Console:SessionLifetime=00:01:00")]
    [InlineData("Crispy:Console:ReportKey is '***': not an elliptic curve key in PEM form", "--Crispy:Api:AllowAnonymous=true",
        "--Crispy:Console:ReportKey=-----BEGIN secret")]
    [InlineData("Crispy:Console:ReportKeyFile is '/no/such/key': ", "--Crispy:Api:AllowAnonymous=true",
        "--Crispy:Console:ReportKeyFile=/no/such/key")]
    [InlineData("Crispy:Console:ReportKeyFile is 'x': is given together with ReportKey", "--Crispy:Api:AllowAnonymous=true",
        "--Crispy:Console:ReportKey=y", "--Crispy:Console:ReportKeyFile=x")]
    public void Mistakes_of_the_configuration_are_named_with_key_and_value(string expected, params string[] arguments)
    {
        var mistake = Assert.Throws<OptionsValidationException>(() => ConsoleApp.Create([.. RunningConsole.Usual, .. arguments]));
        Assert.Contains(mistake.Failures,
            failure => failure.Contains(expected.Replace("is '1'", "is '00:01:00'", StringComparison.Ordinal), StringComparison.Ordinal));
    }
}
