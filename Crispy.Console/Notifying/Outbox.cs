namespace Crispy.Console.Notifying;

/// <summary>A notice that waits for a target.</summary>
/// <param name="Number">Its place in the order.</param>
/// <param name="Notice">The notice.</param>
internal sealed record Waiting(long Number, Notice Notice)
{
    /// <summary>How often it was tried by this process.</summary>
    public int Tries { get; set; }

    /// <summary>When it is tried next, by the time since the outbox was opened.</summary>
    public TimeSpan Due { get; set; }

    /// <summary>Whether the target gave no useful answer, so that it is worth a try as soon as it gives one.</summary>
    public bool MetNobody { get; set; }
}

/// <summary>The notices that wait for one target. Those of one key are sent in their order, so that an end never comes before its
/// begin.</summary>
internal sealed class Outbox
{
    private readonly Lock _turn = new();
    private readonly NotifyFolder _folder;
    private readonly string _target;
    private readonly int _most;
    private readonly List<Waiting> _waiting;

    /// <param name="folder">Where it is kept.</param>
    /// <param name="target">The target's id.</param>
    /// <param name="most">How many wait at most; the oldest goes for a newer one.</param>
    public Outbox(NotifyFolder folder, string target, int most)
    {
        (_folder, _target, _most) = (folder, target, most);
        _waiting = [.. folder.ReadWaiting(target).Select(each => new Waiting(each.Number, each.Notice))];
    }

    /// <summary>How many wait.</summary>
    public int Count
    {
        get
        {
            lock (_turn) return _waiting.Count;
        }
    }

    /// <summary>The number of the newest that waits; 0 where none does.</summary>
    public long Newest
    {
        get
        {
            lock (_turn) return _waiting.Count > 0 ? _waiting[^1].Number : 0;
        }
    }

    /// <summary>Puts a notice in, on the disk first. One that is in already stays as it is.</summary>
    /// <returns>How many had to go for it.</returns>
    public int Add(NumberedNotice notice)
    {
        lock (_turn)
        {
            if (_waiting.Exists(each => each.Number == notice.Number)) return 0;
        }
        _folder.Add(_target, notice);
        var gone = new List<Waiting>();
        lock (_turn)
        {
            _waiting.Add(new(notice.Number, notice.Notice));
            while (_waiting.Count > _most)
            {
                gone.Add(_waiting[0]);
                _waiting.RemoveAt(0);
            }
        }
        foreach (var oldest in gone) _folder.Remove(_target, oldest.Number);
        return gone.Count;
    }

    /// <summary>The oldest that is due and follows none of its own key; null where none is.</summary>
    public Waiting? Next(TimeSpan now)
    {
        lock (_turn) return Heads().FirstOrDefault(each => each.Due <= now);
    }

    /// <summary>When the next one is due; null where none waits.</summary>
    public TimeSpan? NextDue()
    {
        lock (_turn) return Heads().Select(each => (TimeSpan?)each.Due).Min();
    }

    /// <summary>Takes a notice out that is delivered or given up.</summary>
    public void Remove(Waiting done)
    {
        lock (_turn) _waiting.Remove(done);
        _folder.Remove(_target, done.Number);
    }

    /// <summary>The target answers: what met nobody is due now.</summary>
    public void Revive(TimeSpan now)
    {
        lock (_turn)
            foreach (var each in _waiting.Where(each => each.MetNobody && each.Due > now)) each.Due = now;
    }

    /// <summary>Takes all out.</summary>
    /// <returns>How many.</returns>
    public int Clear()
    {
        List<Waiting> all;
        lock (_turn)
        {
            all = [.. _waiting];
            _waiting.Clear();
        }
        foreach (var each in all) _folder.Remove(_target, each.Number);
        return all.Count;
    }

    private IEnumerable<Waiting> Heads() => _waiting.DistinctBy(each => each.Notice.Key);
}
