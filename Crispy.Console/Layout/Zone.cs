using System.Globalization;
using Microsoft.JSInterop;

namespace Crispy.Console.Layout;

/// <summary>In which time zone a person reads times: the browser's own, or UTC. Remembered by the browser.
/// UTC until the browser was asked.</summary>
public sealed class Zone(IJSRuntime script, Microsoft.AspNetCore.Components.NavigationManager navigation)
{
    private static readonly string[] Moments = ["yyyy-MM-dd HH:mm:ss.FFFFFF", "yyyy-MM-dd H:mm:ss", "yyyy-MM-dd H:mm", "yyyy-MM-dd"];
    private static readonly string[] Zoned =
        ["yyyy-MM-dd HH:mm:ss.FFFFFFzzz", "yyyy-MM-dd HH:mm:ss.FFFFFFZ", "yyyy-MM-dd HH:mmzzz", "yyyy-MM-dd HH:mmZ"];
    private static readonly string[] Times = ["H:mm:ss", "H:mm"];

    private TimeZoneInfo _local = TimeZoneInfo.Utc;
    private IJSObjectReference? _module;

    /// <summary>Raised when times must be drawn again.</summary>
    public event Action? Changed;

    /// <summary>Whether times are shown in UTC.</summary>
    public bool IsUtc { get; private set; } = true;

    /// <summary>What the switch shows: the zone that times are in.</summary>
    public string Label => IsUtc ? "UTC" : "Local time";

    /// <summary>What the switch does.</summary>
    public string SwitchText => IsUtc ? $"Times are in UTC. Switch to {_local.Id}" : $"Times are in {_local.Id}. Switch to UTC";

    /// <summary>The name of the zone that times are in.</summary>
    public string Name => Shown.Id;

    private TimeZoneInfo Shown => IsUtc ? TimeZoneInfo.Utc : _local;

    /// <summary>Asks the browser.</summary>
    public async Task LoadAsync()
    {
        _module ??= await script.InvokeAsync<IJSObjectReference>("import", new Uri(new Uri(navigation.BaseUri), "js/zone.js").ToString());
        var found = await _module.InvokeAsync<Found>("read");
        _local = TimeZoneInfo.TryFindSystemTimeZoneById(found.Zone ?? "", out var zone) ? zone : TimeZoneInfo.Utc;
        IsUtc = found.Utc;
        Changed?.Invoke();
    }

    /// <summary>Switches between the two, and has the browser remember it.</summary>
    public async Task SwitchAsync()
    {
        IsUtc = !IsUtc;
        if (_module is not null) await _module.InvokeVoidAsync("write", IsUtc);
        Changed?.Invoke();
    }

    /// <summary>Date and time, to the second.</summary>
    public string Moment(DateTimeOffset time) => Format(time, "yyyy-MM-dd HH:mm:ss");

    /// <summary>Date and time, to the microsecond, as it is in the manifest, with its distance from UTC.</summary>
    public string Exact(DateTimeOffset time) => Format(time, "yyyy-MM-dd HH:mm:ss.ffffff") + (IsUtc ? " UTC" : Format(time, " zzz"));

    /// <summary>Reads what a person wrote: <c>2026-11-27 14:03:05</c>, without seconds, or the time of today alone. With a zone of its own
    /// (<c>Z</c>, <c>+01:00</c>) it is read in that one.</summary>
    /// <param name="text">The text.</param>
    /// <param name="now">Now: says which day today is.</param>
    /// <returns>UTC; null where it is no time.</returns>
    public DateTimeOffset? Parse(string? text, DateTimeOffset now)
    {
        var written = (text ?? "").Trim();
        if (written.EndsWith(" UTC", StringComparison.Ordinal)) written = written[..^4] + "Z";
        written = written.Replace('T', ' ');
        var (culture, style) = (CultureInfo.InvariantCulture, DateTimeStyles.AllowInnerWhite);
        if (DateTimeOffset.TryParseExact(written, Zoned, culture, style | DateTimeStyles.AssumeUniversal, out var zoned))
            return zoned.ToUniversalTime();
        if (TimeOnly.TryParseExact(written, Times, culture, DateTimeStyles.None, out var time))
            return Placed(DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, Shown).DateTime).ToDateTime(time));
        return DateTime.TryParseExact(written, Moments, culture, style, out var local) ? Placed(local) : null;
    }

    /// <summary>What to say of a text that is no time.</summary>
    public static string NoTime(string? text) => $"“{text?.Trim()}” is no time. Write it like 2026-11-27 14:03:05, or 14:03 for today.";

    // The offset of a moment near the first or the last year could lead out of all years.
    private DateTimeOffset? Placed(DateTime local) =>
        local.Year is > 1 and < 9999 ? new DateTimeOffset(local, Shown.GetUtcOffset(local)).ToUniversalTime() : null;

    private string Format(DateTimeOffset time, string format) =>
        TimeZoneInfo.ConvertTime(time, Shown).ToString(format, CultureInfo.InvariantCulture);

    private sealed record Found(string? Zone, bool Utc);
}
