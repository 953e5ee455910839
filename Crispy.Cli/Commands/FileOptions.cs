using System.CommandLine;
using System.CommandLine.Parsing;
using Crispy.Cameras.Lists;
using Crispy.Cli.Api;

namespace Crispy.Cli.Commands;

/// <summary>A file of streams, and how it is taken.</summary>
internal sealed class FileOptions
{
    private readonly Option<string?> _from =
        new("--from") { Description = "Adds all streams of a CSV or YAML file; - reads standard input", HelpName = "FILE" };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Only tells what would be done; with --from" };
    private readonly Option<bool> _replace =
        new("--replace") { Description = "Changes streams that are there with another definition; with --from" };
    private readonly Option<bool> _onlyGood =
        new("--only-good") { Description = "Adds the good ones although others are wrong; with --from" };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_from, _dryRun, _replace, _onlyGood]) command.Options.Add(option);
    }

    /// <summary>Whether a file is given.</summary>
    public bool IsGiven(CommandResult result) => result.GetResult(_from) is { Implicit: false };

    /// <summary>Whether a file is given.</summary>
    public bool IsGiven(ParseResult parsed) => parsed.GetValue(_from) is not null;

    /// <summary>An option that is given and needs a file; null for none.</summary>
    public string? Lonely(CommandResult result) =>
        ((Option[])[_dryRun, _replace, _onlyGood]).FirstOrDefault(option => result.GetResult(option) is { Implicit: false })?.Name;

    /// <summary>Whether only to say what would be done.</summary>
    public bool IsDry(ParseResult parsed) => parsed.GetValue(_dryRun);

    /// <summary>Whether streams that differ are changed.</summary>
    public bool Replaces(ParseResult parsed) => parsed.GetValue(_replace);

    /// <summary>Whether the good ones are taken alone.</summary>
    public bool OnlyGood(ParseResult parsed) => parsed.GetValue(_onlyGood);

    /// <summary>Reads it.</summary>
    /// <returns>Its name, and what it holds.</returns>
    /// <exception cref="UnableException">It cannot be read.</exception>
    public (string Name, CameraList List) Read(ParseResult parsed)
    {
        var name = parsed.GetValue(_from)!;
        if (name == "-")
        {
            using var input = Console.OpenStandardInput();
            return ("standard input", CameraList.Read(Bytes(input), null));
        }
        if (!File.Exists(name)) throw new UnableException($"--from '{name}': no such file");
        using var file = File.OpenRead(name);
        return (name, CameraList.Read(Bytes(file), name));
    }

    // One byte more than is allowed tells that it is too large.
    private static byte[] Bytes(Stream source)
    {
        var bytes = new byte[CameraList.MaxBytes + 1];
        return bytes[..source.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
    }
}
