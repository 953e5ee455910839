using System.Globalization;
using Microsoft.JSInterop;

namespace Crispy.Console.Layout;

/// <summary>In which time zone a person reads times: the browser's own, or UTC. Remembered by the browser. UTC until the browser was asked.</summary>
public sealed class Zone(IJSRuntime script, Microsoft.AspNetCore.Components.NavigationManager navigation)
{
    private TimeZoneInfo _local = TimeZoneInfo.Utc;
    private IJSObjectReference? _module;

    /// <summary>Raised when times are to be drawn anew.</summary>
    public event Action? Changed;

    /// <summary>Whether times are shown in UTC.</summary>
    public bool IsUtc { get; private set; } = true;

    /// <summary>What the switch shows: the zone that times are in.</summary>
    public string Label => IsUtc ? "UTC" : "Local time";

    /// <summary>What the switch does.</summary>
    public string SwitchText => IsUtc ? $"Times are in UTC. Switch to {_local.Id}" : $"Times are in {_local.Id}. Switch to UTC";

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

    /// <summary>Date and time, to the microsecond, as it is in the manifest.</summary>
    public string Exact(DateTimeOffset time) => Format(time, "yyyy-MM-dd HH:mm:ss.ffffff") + (IsUtc ? " UTC" : "");

    /// <summary>What a date and time field holds.</summary>
    public string Field(DateTimeOffset time) => Format(time, "yyyy-MM-ddTHH:mm:ss");

    /// <summary>Reads a date and time field; null where it holds none.</summary>
    public DateTimeOffset? Parse(string? text)
    {
        if (!DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local)) return null;
        var zone = Shown;
        return new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
    }

    private string Format(DateTimeOffset time, string format) => TimeZoneInfo.ConvertTime(time, Shown).ToString(format, CultureInfo.InvariantCulture);

    private sealed record Found(string? Zone, bool Utc);
}
