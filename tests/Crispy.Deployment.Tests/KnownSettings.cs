using System.Reflection;
using Crispy.StreamHandle;
using Crispy.StreamHandle.Configuring;
using Crispy.UploadWorker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Crispy.Deployment.Tests;

/// <summary>Which settings each service really reads: its own readers are asked,
/// so that a misspelt key of a deployment is found here.</summary>
internal static class KnownSettings
{
    /// <summary>Fails where the service would ignore or refuse one of these environment variables.</summary>
    public static void RequireRead(string service, IEnumerable<string> variables)
    {
        var keys = variables.Where(name => name.StartsWith("Crispy__", StringComparison.Ordinal))
            .Select(name => name.Replace("__", ":", StringComparison.Ordinal)).ToList();
        var unread = service switch
        {
            "stream-handle" => UnreadByStreamHandle(keys),
            "upload-worker" => keys.Where(key => !ReadByUploadWorker(key)),
            "chunk-logger" => UnreadByChunkLogger(keys),
            "console" => UnreadByConsole(keys),
            _ => throw new ArgumentOutOfRangeException(nameof(service), service, "no such service"),
        };
        Assert.Empty(unread);
    }

    private static IEnumerable<string> UnreadByStreamHandle(List<string> keys)
    {
        var configuration = new RecordedConfiguration(keys);
        // What it says of the values is no matter here, what it says of unknown keys is.
        var mistakes = Assert.Throws<SettingsException>(() => Settings.Read(configuration.Root)).Message;
        return keys.Where(key => mistakes.Contains($"{key} is not a known key", StringComparison.Ordinal))
            .Concat(configuration.Unread).Distinct();
    }

    private static bool ReadByUploadWorker(string key) => key.Split(':') switch
    {
        ["Crispy", "Credentials"] => Record.Exception(() => UploadWorkerApp.Create([$"--{key}=no key"])) is OptionsValidationException,
        ["Crispy", "Spool", var name] => HasProperty<SpoolOptions>(name) || HasProperty<StreamHandle.Spooling.SpoolOptions>(name),
        ["Crispy", "Upload", var name] => HasProperty<UploadOptions>(name),
        ["Crispy", var name] => HasProperty<BucketOptions>(name),
        _ => false,
    };

    private static IEnumerable<string> UnreadByChunkLogger(List<string> keys)
    {
        var configuration = new RecordedConfiguration(keys);
        Invoke("Crispy.ChunkLogger.ChunkLoggerOptions", "Read", configuration.Root);
        // Without the key it would look for this machine's own credentials.
        if (keys.Contains("Crispy:Credentials")) Invoke("Crispy.ChunkLogger.Signing.Credentials", "Find", configuration.Root);
        return configuration.Unread;
    }

    // The readers are internal: the process alone is their user.
    private static void Invoke(string type, string method, IConfiguration configuration)
    {
        var reader = Assembly.Load("Crispy.ChunkLogger")
            .GetType(type, throwOnError: true)!.GetMethod(method, BindingFlags.Public | BindingFlags.Static)!;
        Assert.IsType<OptionsValidationException>(
            Assert.Throws<TargetInvocationException>(() => reader.Invoke(null, [configuration])).InnerException);
    }

    private static IEnumerable<string> UnreadByConsole(List<string> keys)
    {
        var configuration = new RecordedConfiguration(keys);
        Assert.Throws<OptionsValidationException>(() => Console.ConsoleSettings.Read(configuration.Root));
        Assert.Throws<OptionsValidationException>(() => Archive.ArchiveOptions.Read(configuration.Root));
        return configuration.Unread;
    }

    private static bool HasProperty<T>(string name) => typeof(T).GetProperty(name) is not null;
}

/// <summary>Configuration of given keys, each with a value that no key accepts, that remembers which were read.</summary>
internal sealed class RecordedConfiguration : ConfigurationProvider, IConfigurationSource
{
    private readonly HashSet<string> _read = new(StringComparer.OrdinalIgnoreCase);

    public RecordedConfiguration(IEnumerable<string> keys)
    {
        foreach (var key in keys) Data[key] = "\u0001";
        Root = new ConfigurationBuilder().Add(this).Build();
    }

    public IConfigurationRoot Root { get; }

    public IEnumerable<string> Unread => Data.Keys.Where(key => !_read.Contains(key));

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    public override bool TryGet(string key, out string? value)
    {
        _read.Add(key);
        return base.TryGet(key, out value);
    }
}
