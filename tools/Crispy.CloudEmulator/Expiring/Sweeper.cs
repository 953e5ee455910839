using System.Globalization;
using Crispy.CloudEmulator.Http;
using Crispy.CloudEmulator.Storing;

namespace Crispy.CloudEmulator.Expiring;

/// <summary>Deletes what the lifecycle rules of buckets say, now and then, as the service does. It does so at once for
/// <c>POST /_emulator/sweep</c>, whose body may hold <c>at</c>, the time that it is taken to be.</summary>
internal sealed class Sweeper(Buckets buckets, ObjectStore objects, TimeProvider time, ILogger<Sweeper> log)
    : BackgroundService
{
    // The service's own address, which the links of a deletion's event bear: nobody asked for it under another.
    private const string BaseUri = "https://www.googleapis.com";

    // The service does it about once a day.
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _sweeping = new(1);

    /// <inheritdoc />
    public override void Dispose()
    {
        _sweeping.Dispose();
        base.Dispose();
    }

    /// <summary>The control request.</summary>
    public async Task ControlAsync(HttpContext context)
    {
        try
        {
            var body = await JsonBody.ReadAsync(context.Request);
            var deleted = await SweepAsync(At(JsonBody.Text(body, "at")));
            await JsonBody.WriteAsync(context, JsonBody.Compose(json =>
            {
                json.WriteStartObject();
                json.WriteNumber("deleted", deleted);
                json.WriteEndObject();
            }));
        }
        catch (StorageException error)
        {
            await ErrorAnswer.WriteJsonAsync(context, error);
        }
    }

    /// <summary>Deletes what is due at an instant.</summary>
    /// <returns>How many objects.</returns>
    public async Task<int> SweepAsync(DateTimeOffset now)
    {
        await _sweeping.WaitAsync();
        try
        {
            var deleted = 0;
            foreach (var bucket in buckets.List(""))
            {
                var rules = bucket.Settings.Lifecycle.Where(rule => rule.Deletes).ToList();
                if (rules.Count > 0) deleted += await SweepAsync(bucket.Name, rules, now);
            }
            return deleted;
        }
        finally
        {
            _sweeping.Release();
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) await SweepAsync(time.GetUtcNow());
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }

    private async Task<int> SweepAsync(string bucket, List<LifecycleRule> rules, DateTimeOffset now)
    {
        var due = new List<(string Name, long Generation)>();
        objects.Scan(bucket, "", "", ObjectStore.LastName, stored =>
        {
            if (stored.Attributes.ActiveHold is null && rules.Exists(rule => rule.Fits(stored, now))) due.Add(
                (stored.Name, stored.Generation));
            return true;
        });
        var deleted = 0;
        foreach (var (name, generation) in due)
        {
            try
            {
                await objects.DeleteAsync(bucket, name, generation, Preconditions.None, BaseUri);
                deleted++;
            }
            catch (StorageException)
            {
                // Held, replaced or deleted meanwhile.
            }
        }
        if (deleted > 0) Log.Expired(log, bucket, deleted);
        return deleted;
    }

    private DateTimeOffset At(string? text)
    {
        if (text is null) return time.GetUtcNow();
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at)
            ? at : throw StorageException.Invalid($"Invalid value for at: '{text}' is no time");
    }
}
