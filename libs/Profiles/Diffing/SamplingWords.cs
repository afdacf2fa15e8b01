using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.Profiles.Diffing;

/// <summary>All that a policy says but its name: two that say the same are the same.</summary>
internal static class SamplingWords
{
    public static string Of(SamplingPolicy policy) => policy switch
    {
        AlwaysSamplePolicy => "always_sample",
        StatusCodePolicy p => $"status_code {Words.List(p.StatusCodes.Order().Select(Words.StatusCode))}",
        LatencyPolicy p => $"latency from {Words.Of(p.Threshold)}{(p.UpperThreshold is { } upper ? " to " + Words.Of(upper) : "")}",
        ProbabilisticPolicy p => $"probabilistic {Words.Percent(p.SamplingPercentage)}{(p.HashSalt.Length > 0 ? $" salted '{p.HashSalt}'" : "")}",
        NumericAttributePolicy p => $"numeric_attribute {p.Key}{Not(p.InvertMatch)} from {Bound(p.MinValue)} to {Bound(p.MaxValue)}",
        StringAttributePolicy p => $"string_attribute {p.Key}{Not(p.InvertMatch)} {(p.EnabledRegexMatching ? $"matches (cache {Words.Number(p.CacheMaxSize)})" : "is")} {Words.List(p.Values.Order(StringComparer.Ordinal))}",
        BooleanAttributePolicy p => $"boolean_attribute {p.Key}{Not(p.InvertMatch)} {Words.Of(p.Value)}",
        TraceStatePolicy p => $"trace_state {p.Key} is {Words.List(p.Values.Order(StringComparer.Ordinal))}",
        RateLimitingPolicy p => $"rate_limiting {Words.Number(p.SpansPerSecond)} spans in a second",
        SpanCountPolicy p => $"span_count from {Words.Number(p.MinSpans)} to {(p.MaxSpans == 0 ? "any" : Words.Number(p.MaxSpans))}",
        AndPolicy p => $"and ({All(p.Policies)})",
        DropPolicy p => $"drop ({All(p.Policies)})",
        CompositePolicy p => $"composite {Words.Number(p.MaxTotalSpansPerSecond)} spans in a second ({Words.List(p.Policies.Select(s => $"{Of(s.Policy)} up to {Words.Number(s.SpansPerSecond)}"))})",
        _ => throw new ArgumentException($"policy type {policy.GetType().Name} has no words", nameof(policy)),
    };

    private static string All(IReadOnlyList<SamplingPolicy> policies) => Words.List(policies.Select(Of).Order(StringComparer.Ordinal));

    private static string Not(bool invert) => invert ? " not" : "";

    private static string Bound(long? value) => value is { } bound ? Words.Number(bound) : "any";
}
