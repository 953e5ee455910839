namespace Crispy.Contracts.Api;

/// <summary>How long what is recorded of a stream must be kept. The bucket carries it out by rules, which <c>crispy retention apply</c>
/// sets.</summary>
/// <param name="Days">Days of video; null for ever.</param>
/// <param name="LossRecordDays">Days of loss records; null for ever.</param>
/// <param name="IsOwn">Whether the stream's own definition says so, and not <c>Crispy:Retention:Days</c>.</param>
/// <param name="DefaultDays">What <c>Crispy:Retention:Days</c> is; null for ever.</param>
public sealed record StreamRetention(int? Days, int? LossRecordDays, bool IsOwn, int? DefaultDays);
