using System.Text;
using System.IO.Hashing;

namespace StellaOps.Telemetry.IngestGateway.Sampling.Policies;

/// <summary>A compiled policy. Hot: judged once per trace and policy.</summary>
internal abstract class PolicyNode
{
    /// <param name="rate">Multiplied by the share of traces like this one that the policy keeps, where it says yes.</param>
    public abstract Verdict Judge(in TraceFacts trace, ref double rate);

    protected static Verdict Of(bool isSampled) => isSampled ? Verdict.Sampled : Verdict.NotSampled;
}

/// <summary><c>always_sample</c>.</summary>
internal sealed class AlwaysNode : PolicyNode
{
    public override Verdict Judge(in TraceFacts trace, ref double rate) => Verdict.Sampled;
}

/// <summary><c>status_code</c>.</summary>
internal sealed class StatusCodeNode(IReadOnlyList<int> codes) : PolicyNode
{
    private readonly uint _mask = codes.Aggregate(0u, (mask, code) => mask | (1u << code));

    public override Verdict Judge(in TraceFacts trace, ref double rate) => Of((trace.StatusCodes & _mask) != 0);
}

/// <summary><c>latency</c>.</summary>
internal sealed class LatencyNode(TimeSpan threshold, TimeSpan? upper) : PolicyNode
{
    private readonly long _threshold = threshold.Ticks / TimeSpan.TicksPerMillisecond;
    private readonly long? _upper = upper?.Ticks / TimeSpan.TicksPerMillisecond;

    public override Verdict Judge(in TraceFacts trace, ref double rate) => Of(_upper is { } below
        ? trace.DurationMilliseconds > _threshold && trace.DurationMilliseconds <= below
        : trace.DurationMilliseconds >= _threshold);
}

/// <summary><c>probabilistic</c>.</summary>
internal sealed class ProbabilisticNode(double percentage, string salt) : PolicyNode
{
    private readonly double _share = Math.Min(1, percentage / 100);

    // An empty salt is the seed by which incidents at a rate draw, too.
    private readonly long _seed = salt.Length == 0 ? 0 : (long)XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(salt));

    public override Verdict Judge(in TraceFacts trace, ref double rate)
    {
        if (TraceShare.Of(trace.TraceId, _seed) >= _share)
        {
            return Verdict.NotSampled;
        }

        rate *= _share;
        return Verdict.Sampled;
    }
}

/// <summary><c>span_count</c>.</summary>
internal sealed class SpanCountNode(int min, int max) : PolicyNode
{
    public override Verdict Judge(in TraceFacts trace, ref double rate) => Of(trace.SpanCount >= min && (max == 0 || trace.SpanCount <= max));
}

/// <summary><c>rate_limiting</c>: a trace that does not fit leaves room for a smaller one in the same second.</summary>
internal sealed class RateLimitingNode(long spansPerSecond) : PolicyNode
{
    private long _second;
    private long _spans;

    public override Verdict Judge(in TraceFacts trace, ref double rate)
    {
        if (_second != trace.Second)
        {
            (_second, _spans) = (trace.Second, 0);
        }

        if (_spans + trace.SpanCount > spansPerSecond)
        {
            return Verdict.NotSampled;
        }

        _spans += trace.SpanCount;
        return Verdict.Sampled;
    }
}

/// <summary>Attribute and trace state policies: their condition was judged span by span, as the spans came.</summary>
internal sealed class ConditionNode(int bit, bool invert) : PolicyNode
{
    public override Verdict Judge(in TraceFacts trace, ref double rate)
    {
        var isMet = ((trace.Matches[bit >> 6] >> bit) & 1) != 0;
        return invert ? (isMet ? Verdict.InvertNotSampled : Verdict.InvertSampled) : Of(isMet);
    }
}
