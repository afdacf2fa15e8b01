namespace StellaOps.Telemetry.Redaction;

/// <summary>Counts of redactions per rule, filled by one caller at a time and folded by it into its metrics.</summary>
public sealed class RedactionCounters
{
    private readonly long[] _counts;

    /// <summary>Makes counters for the rules of one policy.</summary>
    public RedactionCounters(CompiledPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        Rules = policy.Rules;
        _counts = new long[Rules.Count];
    }

    /// <summary>The rules' names; the index is that of <see cref="this[int]"/>.</summary>
    public IReadOnlyList<string> Rules { get; }

    /// <summary>Sum over all rules.</summary>
    public long Total
    {
        get
        {
            var sum = 0L;
            foreach (var count in _counts)
            {
                sum += count;
            }

            return sum;
        }
    }

    /// <summary>How often the rule with this index redacted something.</summary>
    public long this[int rule] => _counts[rule];

    /// <summary>How often the rule of this name redacted something; 0 for a name that is no rule.</summary>
    public long Of(string rule)
    {
        for (var i = 0; i < Rules.Count; i++)
        {
            if (Rules[i] == rule)
            {
                return _counts[i];
            }
        }

        return 0;
    }

    /// <summary>Sets every count to zero.</summary>
    public void Clear() => Array.Clear(_counts);

    internal void Add(ReadOnlySpan<long> counts)
    {
        for (var i = 0; i < counts.Length; i++)
        {
            _counts[i] += counts[i];
        }
    }
}
