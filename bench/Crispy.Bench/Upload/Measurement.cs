namespace Crispy.Bench.Upload;

/// <summary>One delay and one number of uploads in flight, by upload-worker and by curl, in turns.</summary>
/// <param name="Delay">Milliseconds after the last byte until the server answers.</param>
/// <param name="InFlight">Uploads at a time.</param>
/// <param name="Worker">upload-worker's runs.</param>
/// <param name="Curl">Uploads a second of curl's.</param>
internal sealed record Measurement(double Delay, int InFlight, IReadOnlyList<WorkerRun> Worker, IReadOnlyList<double> Curl)
{
    /// <summary>Uploads a second of upload-worker, median.</summary>
    public double Rate => Rates.Median();

    /// <summary>Of each turn.</summary>
    public IReadOnlyList<double> Rates => [.. Worker.Select(run => run.Rate)];

    /// <summary>Uploads a second of curl, median.</summary>
    public double CurlRate => Curl.Median();

    /// <summary>Part of curl's speed, of each turn.</summary>
    public IReadOnlyList<double> OfCurl => [.. Rates.Zip(Curl, (own, curl) => own / curl)];
}
