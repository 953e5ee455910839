using Crispy.Coordination;

namespace Crispy.UploadWorker.Uploading;

/// <summary>Whether the bucket is well or, if not, since when and why: by the uploads' own results, and by probes while no upload tells.
/// Safe for concurrent use.</summary>
internal sealed class BucketWatch(TimeProvider time)
{
    // Longer than the longest delay queue: by then a chunk that failed has been tried again.
    private static readonly TimeSpan Distrust = TimeSpan.FromMinutes(3);

    private readonly Lock _gate = new();
    private ServerView? _view;
    private string? _unproven;
    private long? _stored;
    private long? _believed;
    private long? _contradicted;
    private long? _unanswered;

    /// <summary>Raised, on the thread that tells, when <see cref="View"/> is another one.</summary>
    public event Action? Changed;

    /// <summary>How the bucket is; null until it was asked for the first time.</summary>
    public ServerView? View
    {
        get
        {
            lock (_gate) return _view;
        }
    }

    /// <summary>The object of an upload that failed, or that began and did not end yet, so that a probe can ask for the same. Null once the
    /// bucket has shown since that it takes objects.</summary>
    public string? Unproven
    {
        get
        {
            lock (_gate) return _unproven;
        }
    }

    /// <summary>Whether the newest probe had no answer and is not believed yet: asking again at once tells.</summary>
    public bool IsInDoubt
    {
        get
        {
            lock (_gate) return _unanswered is not null && _view is not { Well: false };
        }
    }

    /// <summary>Whether a probe is due: the bucket is not well, or no upload has told for a while that it is.</summary>
    public bool NeedsProbe(TimeSpan quiet)
    {
        lock (_gate) return !(_view is { Well: true } && _stored is { } last && time.GetElapsedTime(last) < quiet);
    }

    /// <summary>An upload begins. While it hangs, reading from the bucket may work.</summary>
    /// <param name="name">The object's name.</param>
    public void Began(string name)
    {
        lock (_gate) _unproven ??= name;
    }

    /// <summary>An upload was stored: the bucket is well.</summary>
    public void Stored() => Tell(() =>
    {
        (_stored, _unproven, _believed, _contradicted, _unanswered) = (time.GetTimestamp(), null, null, null, null);
        _view = ServerView.IsWell;
    });

    /// <summary>An upload failed, its retries in place included. It says nothing where another one was stored meanwhile.</summary>
    /// <param name="trouble">Why.</param>
    /// <param name="name">The object's name.</param>
    /// <param name="began">When it began: a timestamp of the clock.</param>
    public void UploadFailed(BucketTrouble trouble, string name, long began) => Tell(() =>
    {
        if (!trouble.IsOfBucket || _stored > began) return;
        // A bucket that lets a probe pass and then stores nothing is not well, no matter what the next probe says.
        if (_believed is { } passed && passed < began && time.GetElapsedTime(passed) < Distrust) _contradicted = time.GetTimestamp();
        _unproven = name;
        Away(trouble, began);
    });

    /// <summary>A probe passed.</summary>
    /// <param name="byUpload">Whether it asked by the request of an upload.
    /// Otherwise it proves nothing of one that failed meanwhile.</param>
    public void ProbePassed(bool byUpload) => Tell(() =>
    {
        _unanswered = null;
        if (!byUpload && _unproven is not null && _view is { Well: false }) return;
        if (_contradicted is { } last && time.GetElapsedTime(last) < Distrust) return;
        if (_view is { Well: false }) _believed = time.GetTimestamp();
        if (byUpload) _unproven = null;
        _view = ServerView.IsWell;
    });

    /// <summary>A probe failed. The first one without an answer is not believed:
    /// a process that starts on a busy machine may be slow itself.</summary>
    /// <param name="trouble">Why.</param>
    /// <param name="began">When it began: a timestamp of the clock.</param>
    public void ProbeFailed(BucketTrouble trouble, long began) => Tell(() =>
    {
        if (_stored > began) return;
        var first = _unanswered;
        _unanswered = trouble.IsSilence ? first ?? began : null;
        if (!trouble.IsSilence || first is not null || _view is { Well: false }) Away(trouble, first ?? began);
    });

    private void Away(BucketTrouble trouble, long began) => _view = _view is { Well: false } already
        ? already with { Reason = trouble.Sentence }
        : ServerView.Away(time.GetUtcNow() - time.GetElapsedTime(began), trouble.Sentence);

    private void Tell(Action what)
    {
        bool isNew;
        lock (_gate)
        {
            var before = _view;
            what();
            isNew = before != _view;
        }
        if (isNew) Changed?.Invoke();
    }
}
