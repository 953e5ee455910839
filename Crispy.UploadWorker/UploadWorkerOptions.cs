using System.Text.RegularExpressions;
using Crispy.Contracts;
using Microsoft.Extensions.Options;

namespace Crispy.UploadWorker;

/// <summary>The section <c>Crispy</c>: where the chunks go.</summary>
public sealed class BucketOptions
{
    /// <summary>The bucket's name; required.</summary>
    public string Bucket { get; set; } = "";
}

/// <summary>The section <c>Crispy:Spool</c>: where the chunks come from.</summary>
public sealed class SpoolOptions
{
    /// <summary>The spool's name, by the rule of stream ids; it names the queue. Required.</summary>
    public string Name { get; set; } = "";

    /// <summary>The spool's folder, shared with stream-handle; it may appear later. Required.</summary>
    public string Path { get; set; } = "";
}

/// <summary>The section <c>Crispy:Upload</c>: how chunks are brought into the bucket.</summary>
public sealed class UploadOptions
{
    /// <summary>Uploads at a time, 1 to 256.</summary>
    public int Concurrency { get; set; } = 8;

    /// <summary>How long one request may take, its body included; 1 second to 1 hour.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Retries before a chunk moves to a delay queue, where it is tried again for as long as it takes; 0 to 10.</summary>
    public int RetriesInPlace { get; set; } = 3;

    /// <summary>Mean wait before the first retry in place, doubled with each further one; 1 ms to <see cref="RetryMaxDelay"/>.</summary>
    public TimeSpan RetryBaseDelay { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Longest wait in place. A server that asks for more (Retry-After) sends the chunk to a delay queue;
    /// up to 1 minute.</summary>
    public TimeSpan RetryMaxDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often, while the bucket refuses uploads, one is tried to see whether it still does; 100 ms to 1 hour. While no upload
    /// tells how the bucket is, it is asked as often, and at least every 5 seconds.</summary>
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long uploads in flight may go on after SIGTERM before they return to the queue; 0 to 25 seconds.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(20);
}

/// <summary>Binds and validates the options when the process starts.</summary>
internal static partial class UploadWorkerOptions
{
    public static void AddUploadWorkerOptions(this IServiceCollection services)
    {
        services.AddSingleton<IValidateOptions<BucketOptions>>(new Rule<BucketOptions>(Faults));
        services.AddSingleton<IValidateOptions<SpoolOptions>>(new Rule<SpoolOptions>(Faults));
        services.AddSingleton<IValidateOptions<UploadOptions>>(new Rule<UploadOptions>(Faults));
        services.AddOptions<BucketOptions>().BindConfiguration("Crispy").ValidateOnStart();
        services.AddOptions<SpoolOptions>().BindConfiguration("Crispy:Spool").ValidateOnStart();
        services.AddOptions<UploadOptions>()
            .BindConfiguration("Crispy:Upload", binder => binder.ErrorOnUnknownConfiguration = true).ValidateOnStart();
    }

    private static IEnumerable<string> Faults(BucketOptions options)
    {
        if (!BucketName().IsMatch(options.Bucket))
            yield return $"Crispy:Bucket is '{options.Bucket}': must be a bucket's name, 3 to 222 of a-z, 0-9, '-', '_' and '.', beginning "
                + $"and ending with a letter or digit";
    }

    private static IEnumerable<string> Faults(SpoolOptions options)
    {
        if (!StreamId.IsValid(options.Name))
            yield return $"Crispy:Spool:Name is '{options.Name}': must be 1 to {StreamId.MaxLength} characters of a-z, 0-9 and single "
                + $"inner hyphens";
        if (string.IsNullOrWhiteSpace(options.Path)) yield return $"Crispy:Spool:Path is '{options.Path}': must be a folder";
    }

    private static IEnumerable<string> Faults(UploadOptions options)
    {
        if (options.Concurrency is < 1 or > 256) yield return $"Crispy:Upload:Concurrency is {options.Concurrency}: must be 1 to 256";
        if (options.RetriesInPlace is < 0 or > 10)
            yield return $"Crispy:Upload:RetriesInPlace is {options.RetriesInPlace}: must be 0 to 10";
        (string Key, TimeSpan Value, TimeSpan Least, TimeSpan Most)[] spans =
        [
            ("RequestTimeout", options.RequestTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
            ("RetryMaxDelay", options.RetryMaxDelay, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1)),
            ("RetryBaseDelay", options.RetryBaseDelay, TimeSpan.FromMilliseconds(1), options.RetryMaxDelay),
            ("ProbeInterval", options.ProbeInterval, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1)),
            ("DrainTimeout", options.DrainTimeout, TimeSpan.Zero, TimeSpan.FromSeconds(25)),
        ];
        foreach (var (key, value, least, most) in spans)
            if (value < least || value > most) yield return $"Crispy:Upload:{key} is {value}: must be {least} to {most}";
    }

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]\z", RegexOptions.CultureInvariant)]
    private static partial Regex BucketName();

    private sealed class Rule<T>(Func<T, IEnumerable<string>> faults) : IValidateOptions<T> where T : class
    {
        public ValidateOptionsResult Validate(string? name, T options) =>
            faults(options).ToList() is { Count: > 0 } found ? ValidateOptionsResult.Fail(found) : ValidateOptionsResult.Success;
    }
}
