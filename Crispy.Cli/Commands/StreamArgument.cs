using System.CommandLine;
using System.CommandLine.Parsing;
using Crispy.Cli.Api;
using Crispy.Contracts;

namespace Crispy.Cli.Commands;

/// <summary>Arguments that name streams: checked here, completed with what the API knows.</summary>
internal static class StreamArgument
{
    /// <summary>One stream.</summary>
    public static Argument<string> One(ApiOptions options, string description = "The stream's id") =>
        Checked(new Argument<string>("STREAM") { Description = description }, options);

    /// <summary>One stream or several.</summary>
    public static Argument<string[]> Several(ApiOptions options) =>
        Checked(new Argument<string[]>("STREAM") { Description = "The streams' ids", Arity = ArgumentArity.OneOrMore }, options);

    /// <summary>A path below <c>/api/streams</c>.</summary>
    public static string Path(string stream, string below = "") => $"api/streams/{Uri.EscapeDataString(stream)}{below}";

    private static T Checked<T>(T argument, ApiOptions options) where T : Argument
    {
        // Else the help lists every stream there is.
        argument.HelpName = argument.Name;
        argument.Validators.Add(RequireIds);
        argument.CompletionSources.Add(context => Completion.Ask(options, context, "api/streams", "id"));
        return argument;
    }

    private static void RequireIds(ArgumentResult result)
    {
        foreach (var token in result.Tokens.Where(token => !StreamId.IsValid(token.Value)))
            result.AddError(
                $"STREAM '{token.Value}' is not a stream's id: 1 to {StreamId.MaxLength} characters of a-z, 0-9 and single inner hyphens");
    }
}
