using System.Globalization;
using Crispy.Cameras;

namespace Crispy.Console.StreamHandles;

/// <summary>What a person knows of a camera whose maker has a rule for addresses, as it is typed.</summary>
public sealed class MakerForm
{
    /// <summary>The maker's id; empty where the address itself is typed.</summary>
    public string? Id { get; set; } = "";

    /// <summary>The host.</summary>
    public string? Host { get; set; } = "";

    /// <summary>The user.</summary>
    public string? User { get; set; } = "";

    /// <summary>The password.</summary>
    public string? Password { get; set; } = "";

    /// <summary>The channel; empty for the first.</summary>
    public string? Channel { get; set; } = "";

    /// <summary><c>main</c> or <c>sub</c>.</summary>
    public string? Stream { get; set; } = "main";

    /// <summary>The key in place of user and password.</summary>
    public string? Key { get; set; } = "";

    /// <summary>The maker; null where the address itself is typed.</summary>
    public Maker? Maker => Maker.Find(Id);

    /// <summary>The address; null where a part of it is wrong.</summary>
    /// <param name="field">The part that is wrong.</param>
    /// <param name="mistake">What is wrong with it.</param>
    public string? Address(out string field, out string mistake) => Make(Password, Key, out field, out mistake);

    /// <summary>The address with its secrets hidden; null while a part of it is missing.</summary>
    public string? Shown => Make(string.IsNullOrEmpty(Password) ? null : "***", string.IsNullOrEmpty(Key) ? null : "***", out _, out _)
        ?.Replace("%2A%2A%2A", "***", StringComparison.Ordinal);

    private string? Make(string? password, string? key, out string field, out string mistake)
    {
        (field, mistake) = ("", "");
        try
        {
            if (Maker is not { } maker) return null;
            int? channel = string.IsNullOrWhiteSpace(Channel) ? null
                : int.TryParse(Channel, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
                : throw new FormatException($"channel: must be a whole number from 1 to {Maker.MaxChannel}");
            return maker.Address(
                new(Host, User?.Trim(), password, maker.HasChannels ? channel : null, Stream == "sub" && maker.Sub is not null, key));
        }
        catch (FormatException wrong)
        {
            var parts = wrong.Message.Split(": ", 2);
            (field, mistake) = (parts[0], parts[1]);
            return null;
        }
    }
}
