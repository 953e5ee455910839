namespace Crispy.CloudEmulator.Storing;

/// <summary>What happened to an object.</summary>
internal enum ObjectEvent
{
    /// <summary>A new generation exists.</summary>
    Finalize,

    /// <summary>A generation is gone, by deletion or by being replaced.</summary>
    Delete,

    /// <summary>Its attributes changed.</summary>
    MetadataUpdate,
}

/// <summary>Is told of what happens to objects.</summary>
internal interface IEventSink
{
    /// <summary>Part of the transaction that changes the object. Call <see cref="Announce"/> once it is committed.</summary>
    /// <param name="statements">The transaction.</param>
    /// <param name="happened">What happened.</param>
    /// <param name="subject">To which object.</param>
    /// <param name="baseUri">The server as the caller addressed it; for the links in the event.</param>
    /// <param name="other">Of an overwrite: the generation that was replaced, or that replaced.</param>
    void Add(Statements statements, ObjectEvent happened, StoredObject subject, string baseUri, long? other = null);

    /// <summary>What was added is committed.</summary>
    void Announce();
}
