using System.Text.Json.Serialization;

namespace Crispy.Contracts.Api;

/// <summary>What a person or a program may do at the console. Each role may do what those before it may.</summary>
[JsonConverter(typeof(ApiEnumConverter<Role>))]
public enum Role
{
    /// <summary>Nothing; also a role that this version does not know.</summary>
    None,

    /// <summary>Sees and plays.</summary>
    Viewer,

    /// <summary>Adds, changes and steers streams, replays dead letters, exports and downloads.</summary>
    Operator,

    /// <summary>Removes, discards, sends test notices, and reads the audit log.</summary>
    Admin,
}

/// <summary>How somebody signed in.</summary>
[JsonConverter(typeof(ApiEnumConverter<SignInWay>))]
public enum SignInWay
{
    /// <summary>Not known, or not at all.</summary>
    Unknown,

    /// <summary>The console asks nobody (<c>Crispy:Api:AllowAnonymous</c>).</summary>
    Anonymous,

    /// <summary>By a token.</summary>
    Token,

    /// <summary>By OpenID Connect.</summary>
    Oidc,

    /// <summary>The console itself.</summary>
    Console,
}
