using System.Collections.Concurrent;
using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using Crispy.Testing;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Server.OpenIddictServerEvents;
using static OpenIddict.Server.OpenIddictServerHandlers;

namespace Crispy.Console.Tests.Access;

/// <summary>A provider of accounts: OpenIddict, with a page on which a person says who they are. It is asked as <c>localhost</c>, so that
/// for a browser it is another site than the console, which is asked as <c>127.0.0.1</c>.</summary>
internal sealed class OidcProvider : IAsyncDisposable
{
    public const string ClientId = "crispy-console", ClientSecret = "a-secret-of-this-test-alone";

    // One for all. OpenIddict's ephemeral keys are RSA keys of 4096 bits, made again at each provider's first request, which takes a busy
    // machine a minute.
    private static readonly SymmetricSecurityKey EncryptionKey = new(RandomNumberGenerator.GetBytes(32));
    private static readonly RsaSecurityKey SigningKey = new(RSA.Create(2048)) { KeyId = "of-this-test" };

    private readonly WebApplication _app;

    private OidcProvider(WebApplication app, Uri address) => (_app, Address) = (app, address);

    public Uri Address { get; }

    /// <summary>The values of the claim <c>groups</c> that a person has.</summary>
    public ConcurrentDictionary<string, string[]> Groups { get; } = new();

    /// <summary>Changes ID tokens before they are signed.</summary>
    public Action<ClaimsPrincipal> Twist { get; set; } = _ => { };

    /// <summary>What clients asked for: the query of each authorization request.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    public static async Task<OidcProvider> StartAsync()
    {
        var address = new Uri($"http://localhost:{FreePort.Next()}/");
        var builder = WebApplication.CreateSlimBuilder([$"--urls=http://127.0.0.1:{address.Port}"]);
        builder.Logging.ClearProviders();
        OidcProvider? provider = null;
        builder.Services.AddOpenIddict().AddServer(server =>
        {
            server.SetIssuer(address).EnableDegradedMode().AllowAuthorizationCodeFlow().RequireProofKeyForCodeExchange();
            server.SetAuthorizationEndpointUris("connect/authorize").SetTokenEndpointUris("connect/token");
            server.AddEncryptionKey(EncryptionKey).AddSigningKey(SigningKey);
            server.RegisterScopes("openid", "profile", "email");
            server.UseAspNetCore().DisableTransportSecurityRequirement().EnableAuthorizationEndpointPassthrough();
            server.AddEventHandler<ValidateAuthorizationRequestContext>(handler => handler.UseInlineHandler(context =>
            {
                if (context.ClientId != ClientId) context.Reject(OpenIddictConstants.Errors.InvalidClient);
                return default;
            }));
            server.AddEventHandler<ValidateTokenRequestContext>(handler => handler.UseInlineHandler(context =>
            {
                if (context.ClientId != ClientId || context.ClientSecret != ClientSecret)
                    context.Reject(OpenIddictConstants.Errors.InvalidClient);
                return default;
            }));
            server.AddEventHandler<ProcessSignInContext>(handler => handler.SetOrder(PrepareIdentityTokenPrincipal.Descriptor.Order + 500)
                .UseInlineHandler(context =>
            {
                if (context.IdentityTokenPrincipal is { } principal) provider!.Twist(principal);
                return default;
            }));
        });
        var app = builder.Build();
        app.UseRouting();
        app.UseAuthentication();
        app.MapGet("/connect/authorize", (HttpContext context) => provider!.Authorize(context));
        provider = new(app, address);
        await app.StartAsync();
        return provider;
    }

    /// <summary>Settings of a console whose people are here.</summary>
    public IEnumerable<string> Settings(TempFolder folder)
    {
        File.WriteAllText(folder["client-secret"], ClientSecret);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(folder["client-secret"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        const string section = "--Crispy:Console:Oidc";
        return [$"{section}:Authority={Address}", $"{section}:ClientId={ClientId}", $"{section}:ClientSecretFile={folder["client-secret"]}",
            $"{section}:RoleClaim=groups",
            $"{section}:Roles:Viewer=guards", $"{section}:Roles:Operator=shift,shift-leads", $"{section}:Roles:Admin=owners",
            $"{section}:Name=Example"];
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    // Who they are is a click: what is tried here is not how a provider knows.
    private IResult Authorize(HttpContext context)
    {
        Asked.Enqueue(context.Request.QueryString.Value!);
        if (context.Request.Query["person"].ToString() is not { Length: > 0 } person)
        {
            var links = Groups.Keys.Select(name =>
                $"<a href=\"{WebUtility.HtmlEncode($"{context.Request.Path}{context.Request.QueryString}&person={name}")}\">{name}</a>");
            return Results.Content($"<!DOCTYPE html><title>Example</title>{string.Join(' ', links)}", "text/html");
        }
        var identity = new ClaimsIdentity("example", "name", "groups");
        identity.SetClaim("sub", $"sub-of-{person}").SetClaim("name", $"{person} of the shift");
        foreach (var group in Groups[person]) identity.AddClaim("groups", group);
        identity.SetDestinations(_ => ["id_token"]);
        var principal = new ClaimsPrincipal(identity);
        principal.SetScopes(context.GetOpenIddictServerRequest()!.GetScopes());
        return Results.SignIn(principal, authenticationScheme: OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
    }
}
