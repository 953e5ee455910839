using System.CommandLine;

namespace Crispy.Cli.Commands;

/// <summary>Options that take one of a few words.</summary>
internal static class Choice
{
    /// <summary>Refuses all other words, by the option's name, and completes with these.</summary>
    public static void AcceptOnly(this Option<string?> option, params string[] words)
    {
        option.CompletionSources.Add(words);
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !words.Contains(token.Value, StringComparer.Ordinal))
                result.AddError($"{option.Name} '{token.Value}' is none of {string.Join(", ", words)}");
        });
    }
}
