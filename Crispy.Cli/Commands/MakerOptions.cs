using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;
using Crispy.Cameras;
using Crispy.Cli.Api;

namespace Crispy.Cli.Commands;

/// <summary>The address of a camera by its maker's rule. Its password is typed or piped in, never part of the command line.</summary>
internal sealed class MakerOptions
{
    private readonly Option<string?> _maker =
        new("--maker") { Description = $"Makes the address by a maker's rule: {string.Join(", ", Maker.Ids)}", HelpName = "MAKER" };
    private readonly Option<string?> _host =
        new("--host") { Description = "The camera's or recorder's host; with --maker", HelpName = "HOST" };
    private readonly Option<string?> _user =
        new("--user") { Description = "Its user; the password is asked for, or read from standard input; with --maker", HelpName = "USER" };
    private readonly Option<int?> _channel = new("--channel") { Description = "Channel of a recorder (1); with --maker", HelpName = "N" };
    private readonly Option<bool> _sub = new("--sub") { Description = "The second, smaller stream; with --maker" };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_maker, _host, _user, _channel, _sub]) command.Options.Add(option);
    }

    /// <summary>Whether one of them is given.</summary>
    public bool IsGiven(CommandResult result) =>
        ((Option[])[_maker, _host, _user, _channel, _sub]).Any(option => result.GetResult(option) is { Implicit: false });

    /// <summary>What is wrong with them; null for nothing.</summary>
    public string? Mistake(CommandResult result)
    {
        if (result.GetValue(_maker) is not { } name) return $"--maker is missing: {string.Join(", ", Maker.Ids)}";
        if (Maker.Find(name) is null) return $"--maker '{name}' is none of {string.Join(", ", Maker.Ids)}";
        return result.GetValue(_host) is null ? "--host is missing: the camera's or recorder's host, such as 192.168.1.20" : null;
    }

    /// <summary>The address.</summary>
    /// <exception cref="UnableException">A part of it cannot be one.</exception>
    public string Address(ParseResult parsed)
    {
        var maker = Maker.Find(parsed.GetValue(_maker))!;
        var user = parsed.GetValue(_user);
        try
        {
            return maker.Address(
                new(parsed.GetValue(_host), user, user is null ? null : Secret("Password: "),
                    parsed.GetValue(_channel), parsed.GetValue(_sub),
                maker.Key is null ? null : Secret($"Key ({maker.Key}): ")));
        }
        catch (FormatException mistake)
        {
            throw new UnableException($"--{mistake.Message}");
        }
    }

    private static string Secret(string question)
    {
        if (Console.IsInputRedirected) return Console.In.ReadLine() ?? "";
        Console.Error.Write(question);
        var typed = new StringBuilder();
        while (Console.ReadKey(intercept: true) is var key && key.Key != ConsoleKey.Enter)
        {
            if (key.Key == ConsoleKey.Backspace) typed.Length = Math.Max(0, typed.Length - 1);
            else if (!char.IsControl(key.KeyChar)) typed.Append(key.KeyChar);
        }
        Console.Error.WriteLine();
        return typed.ToString();
    }
}
