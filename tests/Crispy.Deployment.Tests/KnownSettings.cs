using System.Reflection;
using Crispy.StreamHandle;
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
            "upload-worker" => UnreadByUploadWorker(keys),
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
        var mistakes = Assert.Throws<OptionsValidationException>(() => Settings.Read(configuration.Root)).Message;
        return Unknown(keys, mistakes).Concat(configuration.Unread).Distinct();
    }

    private static IEnumerable<string> Unknown(List<string> keys, string mistakes) =>
        keys.Where(key => mistakes.Contains($"{key} is not a known key", StringComparison.Ordinal));

    // It shares the spool's other keys with stream-handle.
    private static IEnumerable<string> UnreadByUploadWorker(List<string> keys)
    {
        var configuration = new RecordedConfiguration(keys);
        Assert.Throws<OptionsValidationException>(() => UploadWorkerOptions.Read(configuration.Root));
        return configuration.Unread.Where(key => key.Split(':') is not ["Crispy", "Spool", var name]
            || !HasProperty<StreamHandle.Spooling.SpoolOptions>(name));
    }

    private static IEnumerable<string> UnreadByChunkLogger(List<string> keys)
    {
        var configuration = new RecordedConfiguration(keys);
        // The reader is internal: the process alone is its user.
        var reader = Assembly.Load("Crispy.ChunkLogger").GetType("Crispy.ChunkLogger.ChunkLoggerOptions", throwOnError: true)!
            .GetMethod("Read", BindingFlags.Public | BindingFlags.Static)!;
        Assert.IsType<OptionsValidationException>(
            Assert.Throws<TargetInvocationException>(() => reader.Invoke(null, [configuration.Root])).InnerException);
        return configuration.Unread;
    }

    private static IEnumerable<string> UnreadByConsole(List<string> keys)
    {
        var configuration = new RecordedConfiguration(keys);
        var mistakes = Assert.Throws<OptionsValidationException>(() => Console.ConsoleSettings.Read(configuration.Root)).Message
            + Assert.Throws<OptionsValidationException>(() => Archive.ArchiveOptions.Read(configuration.Root)).Message;
        return Unknown(keys, mistakes).Concat(configuration.Unread).Distinct();
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
