using System.CommandLine;
using System.CommandLine.Parsing;
using Crispy.Contracts;

namespace Crispy.AppHost;

/// <summary>What is wrong with a command line, a line each, with the nearest right word. Shared by the AppHost and <c>crispy</c>.</summary>
public static class Mistakes
{
    /// <summary>Finds them; empty where there is none.</summary>
    public static IReadOnlyList<string> Of(ParseResult parsed)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        // Who asks for help gets it.
        if (parsed.Errors.Count == 0 && parsed.Action is not null && parsed.Action != parsed.CommandResult.Command.Action) return [];
        var taken = Taken(parsed).ToList();
        if (taken.Count > 0) return [.. taken.Select(word => NoOption(word, parsed))];
        var unmatched = parsed.UnmatchedTokens.ToList();
        // What follows a mistyped option is its value, and what it would have given is missing.
        var options = unmatched.Where(word => word.StartsWith('-')).ToList();
        if (options.Count > 0) return [.. options.Select(word => NoOption(word, parsed))];
        var others = parsed.Errors.Select(error => error.Message);
        if (unmatched.Count > 0)
            others = parsed.Errors.Where(error => error.SymbolResult is not CommandResult || !IsAboutUnmatched(error.Message, unmatched))
                .Select(error => error.Message);
        return [.. unmatched.Select(word => Unmatched(word, parsed)), .. others.Distinct(StringComparer.Ordinal)];
    }

    // An unknown option looks like the value of an argument, where the command takes one.
    private static IEnumerable<string> Taken(ParseResult parsed) => parsed.Tokens.Any(token => token.Type == TokenType.DoubleDash) ? []
        : parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens).Select(token => token.Value)
            .Where(word => word.Length > 1 && word[0] == '-' && !File.Exists(word));

    private static bool IsAboutUnmatched(string message, List<string> unmatched) =>
        !message.Contains('\'', StringComparison.Ordinal) || unmatched.Any(word => message.Contains($"'{word}'", StringComparison.Ordinal));

    private static string Unmatched(string word, ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        return command.Subcommands.Count == 0
            ? $"'{word}' is one word too many for {command.Name}"
            : $"there is no command "
            + $"'{word}'{NearestWord.Hint(word, command.Subcommands.Where(each => !each.Hidden).Select(each => each.Name))}";
    }

    private static string NoOption(string word, ParseResult parsed)
    {
        var name = word.Split('=', 2)[0];
        return $"there is no option {name}{NearestWord.Hint(name, Options(parsed).Select(option => option.Name))}";
    }

    private static IEnumerable<Option> Options(ParseResult parsed)
    {
        for (SymbolResult? at = parsed.CommandResult; at is not null; at = at.Parent)
        {
            if (at is not CommandResult { Command: var command }) continue;
            foreach (var option in command.Options.Where(option => at == parsed.CommandResult || option.Recursive)) yield return option;
        }
    }
}
