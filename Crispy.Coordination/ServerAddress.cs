using RabbitMQ.Client;
using StackExchange.Redis;

namespace Crispy.Coordination;

/// <summary>Checks where RabbitMQ and Redis are, before anything connects. Messages name the key and never the value, which holds
/// a password.</summary>
public static class ServerAddress
{
    /// <summary>Checks the value of <c>ConnectionStrings:rabbitmq</c>.</summary>
    /// <exception cref="FormatException">It is missing, or no URI of AMQP.</exception>
    public static void RequireRabbitMQ(string? address)
    {
        const string wanted = "must be amqp://user:password@host:5672, or amqps:// for TLS";
        if (string.IsNullOrWhiteSpace(address)) throw new FormatException($"ConnectionStrings:rabbitmq is missing: {wanted}");
        try
        {
            _ = new ConnectionFactory { Uri = new(address) };
        }
        catch (Exception malformed) when (malformed is ArgumentException or FormatException)
        {
            throw new FormatException($"ConnectionStrings:rabbitmq cannot be used: {wanted}", malformed);
        }
    }

    /// <summary>Checks the value of <c>ConnectionStrings:redis</c>.</summary>
    /// <exception cref="FormatException">It is missing, or not as StackExchange.Redis reads it.</exception>
    public static void RequireRedis(string? address)
    {
        const string wanted = "must be host:6379, and may go on with ,password=...,ssl=true";
        if (string.IsNullOrWhiteSpace(address)) throw new FormatException($"ConnectionStrings:redis is missing: {wanted}");
        try
        {
            if (ConfigurationOptions.Parse(address).EndPoints.Count > 0) return;
        }
        catch (Exception malformed) when (malformed is ArgumentException or FormatException)
        {
            throw new FormatException($"ConnectionStrings:redis cannot be used: {wanted}", malformed);
        }
        throw new FormatException($"ConnectionStrings:redis names no server: {wanted}");
    }
}
