using StellaOps.Telemetry.Archive;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Sampling.Policies;

/// <summary>A profile's policies, compiled. Rate limits count in here, so one set belongs to one sampler.</summary>
internal sealed class PolicySet
{
    private readonly PolicyNode[] _drops;
    private readonly PolicyNode[] _policies;
    private readonly Stamp[] _stamps;
    private readonly string _conditions;

    public PolicySet(IReadOnlyList<SamplingPolicy> policies)
    {
        var compiler = new PolicyCompiler();
        _drops = [.. policies.OfType<DropPolicy>().Select(compiler.Compile)];
        var others = policies.Where(p => p is not DropPolicy).ToList();
        _policies = [.. others.Select(compiler.Compile)];
        _stamps = [.. others.Select(p => new Stamp(p.Name, 1, null))];
        Attributes = new AttributeIndex(compiler.Attributes);
        TraceStates = new TraceStateIndex(compiler.TraceStates);
        MatchWords = (compiler.Count + 63) >> 6;
        _conditions = compiler.Description;
    }

    public AttributeIndex Attributes { get; }

    public TraceStateIndex TraceStates { get; }

    /// <summary>Words of <see cref="TraceFacts.Matches"/>.</summary>
    public int MatchWords { get; }

    /// <summary>Whether what was noted of spans for the other set means the same for this one.</summary>
    public bool HasConditionsOf(PolicySet other) => _conditions == other._conditions;

    /// <summary>
    /// The stamp of a trace that is kept, else null. As the Collector: dropped beats all, then inverted "not sampled", then "sampled", then inverted
    /// "sampled" where none says "not sampled". Every policy is asked, since those with a rate count what they let pass.
    /// </summary>
    public Stamp? Judge(in TraceFacts trace)
    {
        foreach (var drop in _drops)
        {
            var ignored = 1.0;
            if (drop.Judge(trace, ref ignored) == Verdict.Dropped)
            {
                return null;
            }
        }

        var (best, bestRate, inverted) = (-1, 0.0, -1);
        var isInvertNotSampled = false;
        var isNotSampled = false;
        for (var i = 0; i < _policies.Length; i++)
        {
            var rate = 1.0;
            switch (_policies[i].Judge(trace, ref rate))
            {
                case Verdict.Sampled when rate > bestRate:
                    (best, bestRate) = (i, rate);
                    break;
                case Verdict.NotSampled:
                    isNotSampled = true;
                    break;
                case Verdict.InvertNotSampled:
                    isInvertNotSampled = true;
                    break;
                case Verdict.InvertSampled when inverted < 0:
                    inverted = i;
                    break;
            }
        }

        return isInvertNotSampled ? null
            : best >= 0 ? StampOf(best, bestRate)
            : inverted >= 0 && !isNotSampled ? StampOf(inverted, 1)
            : null;
    }

    private Stamp StampOf(int policy, double rate) =>
        _stamps[policy].Rate == rate ? _stamps[policy] : _stamps[policy] = _stamps[policy] with { Rate = rate };
}
