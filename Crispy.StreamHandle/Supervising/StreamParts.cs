using Crispy.StreamHandle.Events;
using Crispy.StreamHandle.Queueing;
using Crispy.StreamHandle.Sources;
using Crispy.StreamHandle.Spooling;

namespace Crispy.StreamHandle.Supervising;

/// <summary>What all streams share.</summary>
/// <param name="Opening">What opening a source takes.</param>
/// <param name="Spool">Where chunks lie until they are uploaded.</param>
/// <param name="Outlets">Who is told of them.</param>
/// <param name="Leases">Which streams are this replica's to record.</param>
/// <param name="Clock">The clock.</param>
/// <param name="Log">The log.</param>
public sealed record StreamParts(
    Opening Opening, SpoolParts Spool, Outlets Outlets, ILeases Leases, TimeProvider Clock, ILogger<StreamRunner> Log);

/// <summary>Who is told of what becomes of streams.</summary>
/// <param name="Publisher">Tells workers.</param>
/// <param name="Events">Tells all who listen.</param>
public sealed record Outlets(IChunkPublisher Publisher, StreamEvents Events);
