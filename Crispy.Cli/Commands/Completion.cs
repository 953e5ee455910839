using System.CommandLine;
using System.CommandLine.Completions;
using Crispy.Cli.Api;

namespace Crispy.Cli.Commands;

/// <summary>What a shell completes with: commands and options by System.CommandLine's own <c>[suggest]</c> directive,
/// ids by the API.</summary>
internal static class Completion
{
    private const int Most = 1000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>One field of all items of a list; nothing where the API does not answer, since a shell waits for it.</summary>
    public static IEnumerable<CompletionItem> Ask(ApiOptions options, CompletionContext context, string path, string field)
    {
        try
        {
            using var patience = new CancellationTokenSource(Patience);
            return Task.Run(async () =>
            {
                using var api = options.Open(context.ParseResult);
                return await api.ItemsAsync(path, Most, patience.Token).Select(item => new CompletionItem((string)item[field]!))
                    .ToListAsync(patience.Token);
            }).GetAwaiter().GetResult();
        }
        catch (Exception nothing) when (nothing is CommandException or OperationCanceledException)
        {
            return [];
        }
    }

    /// <summary><c>crispy completion</c>.</summary>
    public static Command Command()
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or fish" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command("completion",
            "Prints what makes a shell complete crispy's commands, options and ids. "
                + """In ~/.bashrc: eval "$(crispy completion bash)"; in ~/.zshrc: eval "$(crispy completion zsh)"; """
                + "in config.fish: crispy completion fish | source") { shell };
        command.SetAction(parsed => Console.Out.Write(Script(parsed.GetRequiredValue(shell))));
        return command;
    }

    // The directive takes the line without the program's name, and the cursor's place in it.
    private static string Script(string shell) => shell switch
    {
        "bash" => """
            _crispy() {
                local line=${COMP_LINE:0:COMP_POINT}
                local rest=${line#"${COMP_WORDS[0]}"}
                rest=${rest# }
                mapfile -t COMPREPLY < <("${COMP_WORDS[0]}" "[suggest:${#rest}]" "$rest" 2>/dev/null)
            }
            complete -o default -F _crispy crispy ./crispy

            """,
        "zsh" => """
            _crispy() {
                local line=${BUFFER[1,CURSOR]}
                local rest=${line#${words[1]}}
                rest=${rest# }
                local -a found
                found=("${(@f)$("${words[1]}" "[suggest:${#rest}]" "$rest" 2>/dev/null)}")
                compadd -- ${found:#}
            }
            (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
            compdef _crispy crispy ./crispy

            """,
        _ => """
            function __crispy
                set -l line (commandline -cp)
                set -l program (string split -m 1 ' ' -- $line)[1]
                set -l rest (string replace -r '^\S+ ?' '' -- $line)
                $program "[suggest:"(string length -- $rest)"]" "$rest" 2>/dev/null
            end
            complete -c crispy -f -a '(__crispy)'

            """,
    };
}
