using System.Text.Json.Serialization;
using Crispy.Contracts;
using Crispy.Spool;
using Crispy.StreamHandle.Segmenting;
using Crispy.StreamHandle.Sources;

namespace Crispy.StreamHandle.Api;

/// <summary>One stream, as the API shows it.</summary>
/// <remarks>Of a stream that was removed, or is no longer configured, this is shown until the spool holds nothing of it.</remarks>
/// <param name="Id">Its id.</param>
/// <param name="Url">Its source, without secrets.</param>
/// <param name="Kind"><c>finite</c> or <c>live</c>.</param>
/// <param name="State"><c>starting</c>, <c>running</c>, <c>backoff</c>, <c>standby</c> (another replica records it), <c>paused</c>, <c>ended</c>, <c>failed</c> or <c>removed</c>.</param>
/// <param name="Error">Why it is not running; null while it is.</param>
/// <param name="Epoch">The present epoch; null before the first chunk.</param>
/// <param name="Captured">What this process took responsibility for: found in the spool at start, and captured since.</param>
/// <param name="Pending">Closed segments that are not yet chunks.</param>
/// <param name="Paused">Whether reading stands still until the spool has room.</param>
/// <param name="Spooled">Chunks that lie ready in the spool.</param>
/// <param name="Dead">Chunks that no retry can mend.</param>
/// <param name="Lost">Of the captured, those that were declared lost, each with a loss record.</param>
/// <param name="LossRecords">Loss records that wait for their upload.</param>
/// <param name="Law">Where all chunks are that this spool ever took for the stream; null before its journal was read.</param>
/// <param name="Clock">The clock of the last chunk: its source, uncertainty and drift; null before the first.</param>
/// <param name="Damages">How often the source's data was missing or corrupt, since this process started.</param>
/// <param name="Discarded">Frames that came before a camera's first keyframe, since this process started.</param>
/// <param name="LastError">The last error, also when it is over.</param>
/// <param name="Gaps">The newest gaps, oldest first.</param>
/// <param name="LastChunk">The last chunk; null before the first.</param>
/// <param name="Name">What people call it; null where the id is name enough.</param>
/// <param name="Origin"><c>configured</c>: only the configuration can change it; or <c>api</c>.</param>
/// <param name="Enabled">Whether it is to be recorded; false while it is paused, or once it is removed.</param>
/// <param name="Version">Counts what the API decided about it; goes into If-Match.</param>
/// <param name="Fps">Frames a second of the last chunk; null before the first.</param>
/// <param name="Bitrate">Bits a second of the last chunk; null before the first.</param>
/// <param name="Complaints">Lines of ffmpeg's that stream-handle does not know, since this process started.</param>
/// <param name="LastComplaint">The last of them; null without any.</param>
public sealed record StreamReport(
    string Id, string Url, string Kind, string State, string? Error, string? Epoch, Captured Captured, int Pending, bool Paused,
    int Spooled, int Dead, int Lost, int LossRecords, Conservation? Law, ChunkClock? Clock, long Damages, long Discarded, LastError? LastError, IReadOnlyList<Gap> Gaps, LastChunk? LastChunk,
    string? Name = null, string Origin = "configured", bool Enabled = true, long Version = 0, double? Fps = null, double? Bitrate = null,
    long Complaints = 0, string? LastComplaint = null)
{
    /// <summary>What it is, without secrets; only where one stream is asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public StreamDefinition? Definition { get; init; }
}

/// <summary>A page of streams, by id.</summary>
/// <param name="Total">How many there are in all.</param>
/// <param name="Items">This page.</param>
/// <param name="Next">What to give as <c>after</c> for the next page; null on the last one.</param>
public sealed record StreamPage(int Total, IReadOnlyList<StreamReport> Items, string? Next);

/// <summary>Everything at once.</summary>
/// <param name="StartedAt">When this process started its streams, UTC.</param>
/// <param name="Ended">Whether every finite source has ended or failed, there is at least one, and nothing of any of them waits in memory or in the spool.</param>
/// <param name="Captured">Sum over the streams.</param>
/// <param name="Spooled">Sum over the streams.</param>
/// <param name="Dead">Sum over the streams.</param>
/// <param name="Lost">Sum over the streams.</param>
/// <param name="LossRecords">Sum over the streams.</param>
/// <param name="Law">Sum over the streams; null before all journals were read.</param>
/// <param name="SpoolBytes">Bytes of all files in the spool, as last measured.</param>
/// <param name="Broker">What keeps chunks from being published; null when nothing does.</param>
/// <param name="Streams">The streams.</param>
public sealed record StatusReport(
    DateTimeOffset StartedAt, bool Ended, Captured Captured, int Spooled, int Dead, int Lost, int LossRecords, Conservation? Law, long SpoolBytes, string? Broker,
    IReadOnlyList<StreamReport> Streams);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(StatusReport))]
[JsonSerializable(typeof(StreamPage))]
internal sealed partial class ApiJson : JsonSerializerContext;
