namespace Crispy.Contracts.Api;

/// <summary>Who is told what, and whether they can be reached: <c>GET /api/notify</c>.</summary>
/// <param name="Targets">The targets, as they are configured.</param>
/// <param name="Open">What began and has not ended.</param>
public sealed record NotifyReport(IReadOnlyList<NotifyTargetReport> Targets, IReadOnlyList<OpenNotice> Open);

/// <summary>A target of notices.</summary>
/// <param name="Target">Its number: the N of <c>Crispy:Notify:N</c>.</param>
/// <param name="Url">Its address: scheme and host; the rest is a secret.</param>
/// <param name="Kinds">What it is told of.</param>
/// <param name="Signed">Whether its requests are signed.</param>
/// <param name="Pending">Notices that wait for it.</param>
/// <param name="Ended">Whether it said that it wants no more (410).</param>
/// <param name="LastSuccess">When it last took one, UTC; null before the first since this process started.</param>
/// <param name="LastFailure">When and why it last took none; null before the first since this process started.</param>
public sealed record NotifyTargetReport(
    int Target, string Url, IReadOnlyList<NoticeKind> Kinds, bool Signed, int Pending, bool Ended, DateTimeOffset? LastSuccess,
        LastError? LastFailure);

/// <summary>Something that began and has not ended.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Key">What begins and ends.</param>
/// <param name="Level">How bad it is.</param>
/// <param name="Text">What is so, in a sentence.</param>
/// <param name="Since">Since when, UTC.</param>
public sealed record OpenNotice(NoticeKind Kind, string Key, Level Level, string Text, DateTimeOffset Since);

/// <summary>Which target to try: the body of <c>POST /api/notify/test</c>.</summary>
/// <param name="Target">Its number; null for all.</param>
public sealed record NotifyTest(int? Target);

/// <summary>What the targets said to a test.</summary>
/// <param name="Results">One for each.</param>
public sealed record NotifyTestReport(IReadOnlyList<NotifyTestResult> Results);

/// <summary>What a target said to a test.</summary>
/// <param name="Target">Its number.</param>
/// <param name="Url">Its address: scheme and host; the rest is a secret.</param>
/// <param name="Ok">Whether it took the notice.</param>
/// <param name="Status">The HTTP status; null where it did not answer.</param>
/// <param name="Error">Why it took none; null where it did.</param>
public sealed record NotifyTestResult(int Target, string Url, bool Ok, int? Status, string? Error);
