using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Sampling.Policies;

/// <summary>Turns settings into nodes, and gathers what has to be noted of each span.</summary>
internal sealed class PolicyCompiler
{
    public List<Condition> Attributes { get; } = [];

    public List<Condition> TraceStates { get; } = [];

    public int Count => Attributes.Count + TraceStates.Count;

    /// <summary>The same for policies whose conditions have the same places.</summary>
    public string Description => string.Join('\u0002', Attributes.Concat(TraceStates).OrderBy(c => c.Bit).Select(c => c.Description));

    public PolicyNode Compile(SamplingPolicy policy) => policy switch
    {
        AlwaysSamplePolicy => new AlwaysNode(),
        StatusCodePolicy p => new StatusCodeNode(p.StatusCodes),
        LatencyPolicy p => new LatencyNode(p.Threshold, p.UpperThreshold),
        ProbabilisticPolicy p => new ProbabilisticNode(p.SamplingPercentage, p.HashSalt),
        NumericAttributePolicy p => Node(Attributes, new NumericCondition(p.Key, p.MinValue, p.MaxValue), p.InvertMatch),
        StringAttributePolicy { EnabledRegexMatching: true } p => Node(Attributes, new PatternCondition(p.Key, p.Values, p.CacheMaxSize), p.InvertMatch),
        StringAttributePolicy p => Node(Attributes, new TextCondition(p.Key, p.Values), p.InvertMatch),
        BooleanAttributePolicy p => Node(Attributes, new BooleanCondition(p.Key, p.Value), p.InvertMatch),
        TraceStatePolicy p => Node(TraceStates, new TextCondition(p.Key, p.Values), invert: false),
        RateLimitingPolicy p => new RateLimitingNode(p.SpansPerSecond),
        SpanCountPolicy p => new SpanCountNode(p.MinSpans, p.MaxSpans),
        AndPolicy p => new AndNode([.. p.Policies.Select(Compile)], isDrop: false),
        DropPolicy p => new AndNode([.. p.Policies.Select(Compile)], isDrop: true),
        CompositePolicy p => new CompositeNode(p.MaxTotalSpansPerSecond, [.. p.Policies.Select(s => (Compile(s.Policy), s.SpansPerSecond))]),
        _ => throw new NotSupportedException($"policy '{policy.Name}' is of an unknown type"),
    };

    private ConditionNode Node(List<Condition> conditions, Condition condition, bool invert)
    {
        condition.Bit = Count;
        conditions.Add(condition);
        return new ConditionNode(condition.Bit, invert);
    }
}
