namespace Crispy.Cli.Api;

/// <summary>Where the API is.</summary>
/// <param name="Url">Its address, with a trailing slash.</param>
/// <param name="Origin">Who said so, for people.</param>
internal sealed record ApiAddress(Uri Url, string Origin)
{
    /// <summary>The variable that names the API.</summary>
    public const string Variable = "CRISPY_API";

    /// <summary>Finds it. What was given counts first, then the local run of a folder, then <see cref="Variable"/>, then the one local run
    /// of this user.</summary>
    /// <param name="given">The value of <c>--api</c>.</param>
    /// <param name="data">The value of <c>--data</c>.</param>
    /// <exception cref="UnableException">What was given is no address, or several runs may be meant.</exception>
    /// <exception cref="UnreachableException">Nobody says where it is.</exception>
    public static ApiAddress Find(string? given, string? data)
    {
        if (given is not null) return Read(given, "--api");
        if (data is not null)
            return RunningRun.In(data) ?? throw new UnreachableException($"cannot reach the API: nothing runs in --data {data}");
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named) return Read(named, Variable);
        return RunningRun.Only() ?? throw new UnreachableException(
            $"cannot reach the API: nothing runs here (crispy up; of another user's run: --data DIR). An API elsewhere is named by --api "
                + $"URL or {Variable}");
    }

    /// <summary>Whether a text is an address of HTTP.</summary>
    public static bool TryParse(string text, out Uri url)
    {
        var isOne = Uri.TryCreate(text.EndsWith('/') ? text : text + "/", UriKind.Absolute, out var parsed)
            && parsed.Scheme is "http" or "https" && parsed.Query.Length == 0;
        url = parsed!;
        return isOne;
    }

    /// <inheritdoc />
    public override string ToString() =>
        $"{Url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped).TrimEnd('/')} ({Origin})";

    private static ApiAddress Read(string text, string origin) =>
        TryParse(text, out var url)
        ? new(url, origin)
        : throw new UnableException($"{origin} is not an address, such as http://127.0.0.1:5080");
}
