namespace StellaOps.Telemetry.IngestGateway.Sampling.Policies;

/// <summary><c>and</c>, and with it <c>drop</c>: all say yes.</summary>
internal sealed class AndNode(IReadOnlyList<PolicyNode> policies, bool isDrop) : PolicyNode
{
    private readonly PolicyNode[] _policies = [.. policies];

    public override Verdict Judge(in TraceFacts trace, ref double rate)
    {
        foreach (var policy in _policies)
        {
            if (!policy.Judge(trace, ref rate).IsYes())
            {
                return Verdict.NotSampled;
            }
        }

        return isDrop ? Verdict.Dropped : Verdict.Sampled;
    }
}

/// <summary>
/// <c>composite</c>: the first policy that says yes decides, within its share of the second and the total; where that is spent the trace is
/// not sampled, and no later policy is asked.
/// </summary>
internal sealed class CompositeNode(long maxTotal, IReadOnlyList<(PolicyNode Policy, long SpansPerSecond)> shares) : PolicyNode
{
    private readonly (PolicyNode Policy, long SpansPerSecond)[] _shares = [.. shares];
    private readonly long[] _spans = new long[shares.Count];
    private long _second;
    private long _total;

    public override Verdict Judge(in TraceFacts trace, ref double rate)
    {
        if (_second != trace.Second)
        {
            _second = trace.Second;
            _total = 0;
            Array.Clear(_spans);
        }

        for (var i = 0; i < _shares.Length; i++)
        {
            var ofThis = rate;
            if (!_shares[i].Policy.Judge(trace, ref ofThis).IsYes())
            {
                continue;
            }

            if (_spans[i] + trace.SpanCount > _shares[i].SpansPerSecond || _total + trace.SpanCount > maxTotal)
            {
                return Verdict.NotSampled;
            }

            _spans[i] += trace.SpanCount;
            _total += trace.SpanCount;
            rate = ofThis;
            return Verdict.Sampled;
        }

        return Verdict.NotSampled;
    }
}
