namespace Aspire.Hosting;

/// <summary>The application is described wrongly, or a part of it cannot run.</summary>
public class DistributedApplicationException : Exception
{
    /// <summary>Without a message.</summary>
    public DistributedApplicationException() { }

    /// <summary>With a message.</summary>
    public DistributedApplicationException(string message) : base(message) { }

    /// <summary>With a message and a cause.</summary>
    public DistributedApplicationException(string message, Exception inner) : base(message, inner) { }
}

/// <summary>A parameter has neither a configured value nor a default.</summary>
public class MissingParameterValueException : DistributedApplicationException
{
    /// <summary>Without a message.</summary>
    public MissingParameterValueException() { }

    /// <summary>With a message.</summary>
    public MissingParameterValueException(string message) : base(message) { }

    /// <summary>With a message and a cause.</summary>
    public MissingParameterValueException(string message, Exception inner) : base(message, inner) { }
}
