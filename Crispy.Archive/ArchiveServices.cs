using Crispy.Archive.Accounting;
using Crispy.Archive.Chunks;
using Crispy.Archive.Exporting;
using Crispy.Archive.Holding;
using Crispy.Archive.Listing;
using Crispy.Archive.Pictures;
using Crispy.Archive.Playing;
using Crispy.Archive.Retaining;
using Crispy.Archive.Spooled;
using Crispy.Contracts;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Crispy.Archive;

/// <summary>Registers the archive.</summary>
public static class ArchiveServices
{
    /// <summary>Adds <see cref="ChunkArchive"/> as a singleton. An <see cref="IConnectionMultiplexer"/> among the services, if there is
    /// one, tells the states of chunks.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configuration">Holds the settings (<see cref="ArchiveOptions"/>).</param>
    /// <param name="streamHandle">A client with stream-handle's address, and its token; without it nothing is known of the spools.</param>
    /// <param name="reports">Signs reports; without it they are unsigned, and say so.</param>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">Settings that cannot be used.</exception>
    public static IServiceCollection AddArchive(this IServiceCollection services, IConfiguration configuration,
        Func<IServiceProvider, HttpClient>? streamHandle = null, ReportSigner? reports = null)
    {
        var options = ArchiveOptions.Read(configuration);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSettings(options);
        services.AddSingleton(_ => Opening.Client(options));
        services.AddSingleton(provider =>
            new Bucket(provider.GetRequiredService<Google.Cloud.Storage.V1.StorageClient>(), options.Bucket,
                provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(new ManifestVerifier(options.PublicKeys)).AddSingleton(reports ?? ReportSigner.None);
        services.AddSingleton(provider =>
            new SpoolClient(streamHandle?.Invoke(provider), provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<SpoolClient>>()));
        services.AddSingleton(provider =>
            new StateHistory(provider.GetService<IConnectionMultiplexer>(), provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<StateHistory>>()));
        services.AddSingleton<BucketRules>().AddSingleton<HoldKeeper>().AddSingleton<HoldList>();
        services.AddSingleton<ArchiveIndex>().AddSingleton<Places>().AddSingleton<Neighbours>().AddSingleton<RangeReader>();
        services.AddSingleton<ChunkJudge>().AddSingleton<ChunkPages>().AddSingleton<ChunkDetails>().AddSingleton<SignedUrls>()
            .AddSingleton<ReportWriter>();
        services.AddSingleton<Ffmpeg>().AddSingleton<DiskCache>().AddSingleton<ChunkSource>().AddSingleton<Remuxer>()
            .AddSingleton<ConversionDesk>().AddSingleton<Converter>().AddSingleton<PictureReader>();
        services.AddSingleton<ChunkFetcher>().AddSingleton<ExportDesk>().AddSingleton<ExportFolders>().AddSingleton<Exporter>()
            .AddSingleton<ExportProof>().AddSingleton<ExportWriter>();
        services.AddSingleton(provider =>
            new ExportReport((from, to, stream, cancellation) => provider.GetRequiredService<ChunkArchive>()
                .ReportAsync(from, to, stream, cancellation)));
        services.AddSingleton(provider =>
            new ChunkArchive(provider.GetRequiredService<RangeReader>(), provider.GetRequiredService<ChunkPages>(),
                provider.GetRequiredService<ChunkDetails>(),
            provider.GetRequiredService<Places>(), provider.GetRequiredService<SpoolClient>(), provider.GetRequiredService<SignedUrls>(),
            provider.GetRequiredService<ReportWriter>(),
            provider.GetRequiredService<PictureReader>(), provider.GetRequiredService<Remuxer>(), provider.GetRequiredService<Converter>(),
            provider.GetRequiredService<HoldKeeper>(), provider.GetRequiredService<HoldList>(), provider.GetRequiredService<BucketRules>(),
            provider.GetRequiredService<TimeProvider>()));
        return services;
    }
}
