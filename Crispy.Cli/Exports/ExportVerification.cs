using Crispy.Cli.Checking;
using Crispy.Cli.Keys;
using Crispy.Cli.Sources;
using Crispy.Exporting;

namespace Crispy.Cli.Exports;

/// <summary>Verifies exports, with the keys that were given, or else with those that are in them.</summary>
internal static class ExportVerification
{
    /// <summary>Runs it.</summary>
    /// <param name="places">The exports.</param>
    /// <param name="keys">Public keys: files or addresses; empty takes each export's own.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="SourceException">Keys that were given cannot be read.</exception>
    public static async Task<VerifyReport> RunAsync(IReadOnlyList<string> places, string[] keys, CancellationToken cancellation)
    {
        var (streams, remarks, ids) = (new List<VerifiedStream>(), new List<string>(), new SortedSet<string>(StringComparer.Ordinal));
        foreach (var path in places)
        {
            using var place = await ExportPlace.OpenAsync(path, cancellation);
            var own = keys.Length > 0 ? null : place.FileOf(ExportStatement.KeysName);
            if (keys.Length == 0)
                remarks.Add("the keys are the export's own, which shows damage; that nobody replaced all of it shows only with --keys of "
                    + "the recorder");
            try
            {
                if (keys.Length == 0 && own is null) throw new SourceException($"{ExportStatement.KeysName}: the keys are not there");
                var (reports, recordings) = await PublicKeys.ReadForReportsAsync(own is null ? keys : [own], cancellation);
                using (reports)
                using (recordings)
                {
                    var verdict = await new ExportCheck(reports, recordings, TimeProvider.System).RunAsync(place, cancellation);
                    streams.AddRange(verdict.Streams);
                    remarks.AddRange(verdict.Remarks);
                    ids.UnionWith(recordings.KeyIds);
                }
            }
            catch (SourceException unusable) when (keys.Length == 0)
            {
                IReadOnlyList<Finding> findings =
                    [.. place.Findings, new(FindingKind.Unreadable, "", $"{path}: {unusable.Message}") { Place = path }];
                streams.Add(new(Path.GetFileName(path), 0, 0, null, null, [], [], findings));
            }
        }
        return new([.. ids], streams) { Remarks = remarks };
    }
}
