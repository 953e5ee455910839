using BenchmarkDotNet.Attributes;
using Crispy.Contracts;

namespace Crispy.Bench.Micro;

/// <summary>A manifest's way: written, signed, put into metadata, read, verified.</summary>
public class Manifests
{
    private readonly string _key = SigningKey.NewPrivatePem();
    private byte[] _bytes = [];
    private string _signature = "";
    private ManifestSigner _signer = null!;
    private ManifestVerifier _verifier = null!;

    /// <summary>Makes what they need.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        _signer = new(_key);
        _verifier = new(SigningKey.PublicPem(_key));
        _bytes = ManifestJson.Write(Samples.Manifest);
        _signature = _signer.Sign(_bytes);
    }

    /// <summary>Disposes of the keys.</summary>
    [GlobalCleanup]
    public void Dispose()
    {
        _signer.Dispose();
        _verifier.Dispose();
    }

    /// <summary>stream-handle, once a chunk.</summary>
    [Benchmark(Description = "manifest write")]
    public object ManifestWrite() => ManifestJson.Write(Samples.Manifest);

    /// <summary>upload-worker and chunk-logger, once a chunk.</summary>
    [Benchmark(Description = "manifest read")]
    public object ManifestRead() => ManifestJson.Read(_bytes);

    /// <summary>stream-handle, once a chunk.</summary>
    [Benchmark(Description = "signature make (ES256)")]
    public object SignatureMake() => _signer.Sign(_bytes);

    /// <summary>chunk-logger, once a chunk.</summary>
    [Benchmark(Description = "signature check (ES256)")]
    public object SignatureCheck() => _verifier.Check(_bytes, _signature);

    /// <summary>upload-worker, once a chunk.</summary>
    [Benchmark(Description = "object metadata")]
    public object ObjectMetadata() => ChunkMetadata.For(Samples.Manifest, _bytes, _signature, Samples.Manifest.Traceparent);
}
