namespace Crispy.Console.People;

/// <summary>The token of <c>Crispy:Api</c>, by the same keys as stream-handle's: it opens this console and its API,
/// and the console brings it to stream-handle.</summary>
public sealed class AccessToken(ApiSettings settings)
{
    /// <summary>Whether everybody may use the console.</summary>
    public bool AllowsEverybody => Value is null;

    /// <summary>The token; null where everybody may.</summary>
    internal string? Value { get; } = settings.Token;

    /// <summary>Hosts under which it may be asked, besides those on which it listens: as a proxy in front passes them on.</summary>
    public IReadOnlyList<string> AllowedHosts { get; } = settings.AllowedHosts;

    /// <inheritdoc />
    public override string ToString() => AllowsEverybody ? "anonymous" : "by token"; // Never the token itself.
}
