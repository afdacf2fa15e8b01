namespace StellaOps.Telemetry.Profiles.Diffing;

/// <summary>Gathers changes. What did not change adds nothing.</summary>
internal sealed class ChangeList
{
    private readonly List<ProfileChange> _changes = [];

    public IReadOnlyList<ProfileChange> All => _changes;

    public void Add(string path, string? before, string? after, ChangeRisk risk, string text) => _changes.Add(new ProfileChange(path, before, after, risk, text));

    /// <summary>A value that another took the place of: <c>what before -> after</c>.</summary>
    public void Value(string path, string what, string? before, string? after, ChangeRisk risk)
    {
        if (before != after)
        {
            Add(path, before, after, risk, $"{what} {before ?? "none"} -> {after ?? "none"}");
        }
    }

    /// <summary>A value that costs something when it falls.</summary>
    public void Fall<T>(string path, string what, T before, T after, Func<T, string> word, ChangeRisk fall, ChangeRisk rise = ChangeRisk.Harmless)
        where T : struct, IComparable<T> => Value(path, what, word(before), word(after), before.CompareTo(after) > 0 ? fall : rise);

    /// <summary>A value that costs something when it rises; null bounds nothing, and is above all.</summary>
    public void Limit<T>(string path, string what, T? before, T? after, Func<T, string> word)
        where T : struct, IComparable<T>
    {
        var rises = after is null || (before is { } was && was.CompareTo(after.Value) < 0);
        Value(path, what, before is { } b ? word(b) : null, after is { } a ? word(a) : null, before is not null && rises ? ChangeRisk.RaisesLimit : ChangeRisk.Harmless);
    }

    /// <summary>A list whose order says nothing: each item that came or went.</summary>
    public void Set(string path, string what, IEnumerable<string> before, IEnumerable<string> after, ChangeRisk added, ChangeRisk removed)
    {
        var (was, now) = (before.Distinct().ToList(), after.Distinct().ToList());
        foreach (var item in now.Except(was))
        {
            Add(path, null, item, added, $"{what} gains {item}");
        }

        foreach (var item in was.Except(now))
        {
            Add(path, item, null, removed, $"{what} loses {item}");
        }
    }
}
