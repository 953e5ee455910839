using System.CommandLine;
using System.CommandLine.Parsing;
using Crispy.Cli.Terminal;
using Crispy.Contracts;

namespace Crispy.Cli.Api;

/// <summary>The options of every command that uses the API.</summary>
internal sealed class ApiOptions
{
    /// <summary>The variable that holds the token.</summary>
    public const string TokenVariable = "CRISPY_API_TOKEN";

    private readonly Option<string?> _api = new("--api")
    {
        Description =
            $"Address of the console, or of stream-handle, which has all but the archive (default: {ApiAddress.Variable}, else "
                + $"the local run)", HelpName = "URL",
    };

    private readonly Option<string?> _data = new("--data") { Description = "The local run of this data folder (default: the one that runs)",
        HelpName = "DIR" };
    private readonly Option<string?> _tokenFile = new(
        "--token-file") { Description = $"File with the API's token, of mode 0600 (default: the variable {TokenVariable})",
            HelpName = "FILE" };
    private readonly Option<bool> _json = new("--json") { Description = "Print JSON" };

    public ApiOptions() => _api.Validators.Add(RequireAddress);

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_api, _data, _tokenFile, _json]) command.Options.Add(option);
    }

    /// <summary>Whether JSON is asked for.</summary>
    public bool Json(ParseResult parsed) => parsed.GetValue(_json);

    /// <summary>The API that these options mean.</summary>
    /// <exception cref="CommandException">It cannot be told, or the token cannot be read.</exception>
    public ApiClient Open(ParseResult parsed)
    {
        var (address, token) = (ApiAddress.Find(parsed.GetValue(_api), parsed.GetValue(_data)), Token(parsed.GetValue(_tokenFile)));
        if (token is not null && address.Url.Scheme == "http" && !address.Url.IsLoopback)
            Screen.Remark($"crispy: the token travels in the clear to {address}: use https");
        return new(address, token);
    }

    private static string? Token(string? file)
    {
        if (file is null)
            return Environment.GetEnvironmentVariable(TokenVariable) is { Length: > 0 } token ? Checked(token, TokenVariable) : null;
        try
        {
            return Checked(SecretFile.Read(file).Trim(), $"--token-file {file}");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new UnableException($"--token-file {file}: {unreadable.Message}", unreadable);
        }
    }

    private static string Checked(string token, string origin) =>
        token.Length > 0 && token.All(letter => letter is > ' ' and < '\x7f')
        ? token
        : throw new UnableException($"{origin} holds no token");

    private static void RequireAddress(OptionResult option)
    {
        if (option.Tokens is [var token] && !ApiAddress.TryParse(token.Value, out _))
            option.AddError($"--api '{token.Value}' is not an address, such as http://127.0.0.1:5080");
    }
}
