using RabbitMQ.Client.Exceptions;

namespace Crispy.Coordination;

/// <summary>Says in words why RabbitMQ cannot be used.</summary>
public static class BrokerFailure
{
    /// <summary>The causes of a failure, from the one that says most to the innermost. That no endpoint could be reached says nothing:
    /// why each could not does.</summary>
    public static string Describe(Exception failure)
    {
        while (failure is BrokerUnreachableException or AggregateException && failure.InnerException is { } cause) failure = cause;
        var causes = new List<string>();
        for (var each = failure; each is not null; each = each.InnerException)
            if (!causes.Exists(said => said.Contains(each.Message, StringComparison.Ordinal))) causes.Add(each.Message);
        return string.Join(": ", causes);
    }
}
