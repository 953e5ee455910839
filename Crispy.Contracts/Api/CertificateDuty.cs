namespace Crispy.Contracts.Api;

/// <summary>Until when a certificate holds on which a process depends.</summary>
/// <param name="Name">Which: <c>The certificate of RabbitMQ</c>, <c>stream-handle's certificate in /run/tls.pem</c>.</param>
/// <param name="Ends">Its end, UTC.</param>
public sealed record CertificateDuty(string Name, DateTimeOffset Ends)
{
    /// <summary>How long before its end it needs a look.</summary>
    public static readonly TimeSpan Early = TimeSpan.FromDays(14);

    /// <summary>How long before its end that is bad.</summary>
    public static readonly TimeSpan Late = TimeSpan.FromDays(2);

    /// <summary>What to do.</summary>
    public const string Advice = "Renew it: nobody can connect when it is over.";

    /// <summary>How bad it is.</summary>
    /// <param name="now">Now, UTC.</param>
    public Level LevelAt(DateTimeOffset now) => Ends - now < Late ? Level.Bad : Ends - now < Early ? Level.Warning : Level.Good;

    /// <summary>What is so, in a sentence without its full stop.</summary>
    /// <param name="now">Now, UTC.</param>
    public string TextAt(DateTimeOffset now) =>
        Ends > now ? $"{Name} ends in {Condition.Span(Ends - now)}" : $"{Name} ended {Condition.Span(now - Ends)} ago";
}
