using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using OpenTelemetry.Trace;

namespace Microsoft.Extensions.Hosting;

/// <summary>Decides what begins a trace: the capture of a chunk, and a request that changes something. Everything else is part of a trace
/// or not traced. So the list of traces holds one for each chunk. It holds nothing of what goes on while all is well: polls, probes,
/// scrapes, leases, open pages.</summary>
internal static class TraceRoots
{
    /// <summary>Keeps what belongs to a trace that is kept. Of what begins one, it drops calls to other servers, and as many others as
    /// <c>OTEL_TRACES_SAMPLER</c> and <c>OTEL_TRACES_SAMPLER_ARG</c> say.</summary>
    public static Sampler Sampler(IConfiguration configuration) => new ParentBasedSampler(new NoCalls(Roots(configuration)));

    /// <summary>Whether a request is recorded.</summary>
    /// <param name="request">A request whose activity is the current one.</param>
    /// <param name="mayBeginTrace">Whether it may begin a trace at all.</param>
    public static bool IsTraced(HttpRequest request, bool mayBeginTrace) =>
        Activity.Current is { HasRemoteParent: true } || (mayBeginTrace && ChangesSomething(request));

    // Blazor's connection is a POST before it is a WebSocket.
    private static bool ChangesSomething(HttpRequest request) =>
        !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method)
        && !HttpMethods.IsOptions(request.Method) && !HttpMethods.IsConnect(request.Method)
        && !request.Path.StartsWithSegments("/_blazor", StringComparison.Ordinal);

    // The SDK reads these itself only where no sampler is set. A sampler here is of roots alone, so both kinds of each name mean the same.
    private static Sampler Roots(IConfiguration configuration) => configuration["OTEL_TRACES_SAMPLER"]?.ToLowerInvariant() switch
    {
        "always_off" or "parentbased_always_off" => new AlwaysOffSampler(),
        "traceidratio" or "parentbased_traceidratio"
            when Ratio(configuration["OTEL_TRACES_SAMPLER_ARG"]) is { } ratio => new TraceIdRatioBasedSampler(ratio),
        _ => new AlwaysOnSampler(),
    };

    private static double? Ratio(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var ratio) && ratio is >= 0 and <= 1 ? ratio : null;

    private sealed class NoCalls(Sampler others) : Sampler
    {
        public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) =>
            samplingParameters.Kind is ActivityKind.Client or ActivityKind.Producer
                ? new(SamplingDecision.Drop)
                : others.ShouldSample(samplingParameters);
    }
}
