using Crispy.Archive;
using Crispy.Contracts;
using Google.Apis.Auth.OAuth2;
using Microsoft.Extensions.Options;

namespace Crispy.UploadWorker;

/// <summary>The section <c>Crispy</c>: where the chunks go.</summary>
public sealed class BucketOptions
{
    /// <summary>The bucket's name; required.</summary>
    public string Bucket { get; init; } = "";
}

/// <summary>The section <c>Crispy:Spool</c>: where the chunks come from.</summary>
public sealed class SpoolOptions
{
    /// <summary>The spool's name, by the rule of stream ids; it names the queue. Required.</summary>
    public string Name { get; init; } = "";

    /// <summary>The spool's folder, shared with stream-handle; it may appear later. Required.</summary>
    public string Path { get; init; } = "";
}

/// <summary>The section <c>Crispy:Upload</c>: how chunks are brought into the bucket.</summary>
public sealed class UploadOptions
{
    /// <summary>Uploads at a time, 1 to 256.</summary>
    public int Concurrency { get; init; } = 8;

    /// <summary>How long one request may take, its body included; 1 second to 1 hour.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Retries before a chunk moves to a delay queue, where it is tried again for as long as it takes; 0 to 10.</summary>
    public int RetriesInPlace { get; init; } = 3;

    /// <summary>Mean wait before the first retry in place, doubled with each further one; 1 ms to <see cref="RetryMaxDelay"/>.</summary>
    public TimeSpan RetryBaseDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Longest wait in place. A server that asks for more (Retry-After) sends the chunk to a delay queue;
    /// up to 1 minute.</summary>
    public TimeSpan RetryMaxDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often, while the bucket refuses uploads, one is tried to see whether it still does; 100 ms to 1 hour. While no upload
    /// tells how the bucket is, it is asked as often, and at least every 5 seconds.</summary>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long uploads in flight may go on after SIGTERM before they return to the queue; 0 to 25 seconds.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(20);
}

/// <summary>All that upload-worker is told.</summary>
/// <param name="Bucket">Where the chunks go.</param>
/// <param name="Spool">Where they come from.</param>
/// <param name="Upload">How they are brought there.</param>
/// <param name="Emulator">The JSON API of an emulator; the real service where null.</param>
/// <param name="Credential">By <c>Crispy:Credentials</c>; application default credentials where null.</param>
public sealed record UploadWorkerOptions(
    BucketOptions Bucket, SpoolOptions Spool, UploadOptions Upload, Uri? Emulator, GoogleCredential? Credential)
{
    // Numbers and times stand without quotes.
    private static readonly SettingsWording Plain = new() { Value = value => $"is {value}:" };

    /// <summary>Reads and checks the configuration.</summary>
    /// <exception cref="OptionsValidationException">It holds mistakes; all of them are named.</exception>
    public static UploadWorkerOptions Read(IConfiguration configuration)
    {
        var settings = new SettingsReader(configuration);
        return settings.Checked(new UploadWorkerOptions(new() { Bucket = settings.Bucket() ?? "" },
            ReadSpool(settings.Section("Crispy:Spool")), ReadUpload(settings.Section("Crispy:Upload", Plain)),
            settings.StorageEmulator(), BucketAccess.Credential(settings)));
    }

    // Its other keys are stream-handle's.
    private static SpoolOptions ReadSpool(SectionReader keys)
    {
        if (!keys.Has("Name")) keys.Mistake("Name", null, StreamId.Rule);
        var path = keys.Text("Path") ?? "";
        if (string.IsNullOrWhiteSpace(path)) keys.Mistake("Path", path, "must be a folder");
        return new() { Name = keys.Text("Name", StreamId.IsValid, StreamId.Rule) ?? "", Path = path };
    }

    private static UploadOptions ReadUpload(SectionReader keys)
    {
        var (usual, millisecond) = (new UploadOptions(), TimeSpan.FromMilliseconds(1));
        var most = keys.Span("RetryMaxDelay", millisecond, TimeSpan.FromMinutes(1)) ?? usual.RetryMaxDelay;
        var upload = new UploadOptions
        {
            Concurrency = keys.Number("Concurrency", 1, 256) ?? usual.Concurrency,
            RequestTimeout = keys.Span("RequestTimeout", TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)) ?? usual.RequestTimeout,
            RetriesInPlace = keys.Number("RetriesInPlace", 0, 10) ?? usual.RetriesInPlace,
            RetryBaseDelay = keys.Span("RetryBaseDelay", millisecond, most) ?? usual.RetryBaseDelay,
            RetryMaxDelay = most,
            ProbeInterval = keys.Span("ProbeInterval", TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1)) ?? usual.ProbeInterval,
            DrainTimeout = keys.Span("DrainTimeout", TimeSpan.Zero, TimeSpan.FromSeconds(25)) ?? usual.DrainTimeout,
        };
        if (!keys.Has("RetryBaseDelay") && usual.RetryBaseDelay > most)
            keys.Mistake("RetryBaseDelay", $"{usual.RetryBaseDelay}", $"must be at most RetryMaxDelay, {most}");
        keys.RefuseUnknownKeys();
        return upload;
    }
}
