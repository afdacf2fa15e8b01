namespace StellaOps.Telemetry.Profiles.Gateway;

/// <summary>
/// One policy, in the words of the Collector's tail_sampling processor. A trace is kept when any policy keeps it and none drops it; the
/// first of those that keep it at the highest rate names the stamp. docs/sampling.md has the whole of it.
/// </summary>
public abstract record SamplingPolicy(string Name);

/// <summary><c>always_sample</c>.</summary>
public sealed record AlwaysSamplePolicy(string Name) : SamplingPolicy(Name);

/// <summary><c>status_code</c>: a span of the trace has one of these OTLP status codes (1 OK, 2 ERROR, 0 UNSET).</summary>
public sealed record StatusCodePolicy(string Name, IReadOnlyList<int> StatusCodes) : SamplingPolicy(Name);

/// <summary>
/// <c>latency</c>: from the earliest start to the latest end of the trace's spans, in whole milliseconds: at least the threshold; where there is an
/// upper one, above the threshold and at most the upper one.
/// </summary>
public sealed record LatencyPolicy(string Name, TimeSpan Threshold, TimeSpan? UpperThreshold = null) : SamplingPolicy(Name);

/// <summary><c>probabilistic</c>: by a hash of salt and trace id, so that every gateway decides alike.</summary>
public sealed record ProbabilisticPolicy(string Name, double SamplingPercentage, string HashSalt = "") : SamplingPolicy(Name);

/// <summary><c>numeric_attribute</c>: a span or its resource has the attribute with a number in the range; null is no bound.</summary>
public sealed record NumericAttributePolicy(string Name, string Key, long? MinValue, long? MaxValue, bool InvertMatch) : SamplingPolicy(Name);

/// <summary><c>string_attribute</c>: a span or its resource has the attribute with one of the values, or with one that a pattern matches.</summary>
/// <param name="CacheMaxSize">Values whose match is remembered, where the values are patterns.</param>
public sealed record StringAttributePolicy(
    string Name, string Key, IReadOnlyList<string> Values, bool EnabledRegexMatching, int CacheMaxSize, bool InvertMatch) : SamplingPolicy(Name);

/// <summary><c>boolean_attribute</c>: a span or its resource has the attribute with this value.</summary>
public sealed record BooleanAttributePolicy(string Name, string Key, bool Value, bool InvertMatch) : SamplingPolicy(Name);

/// <summary><c>trace_state</c>: a span's trace state has the key with one of the values.</summary>
public sealed record TraceStatePolicy(string Name, string Key, IReadOnlyList<string> Values) : SamplingPolicy(Name);

/// <summary><c>rate_limiting</c>: at most so many spans in a second of the gateway's clock.</summary>
public sealed record RateLimitingPolicy(string Name, long SpansPerSecond) : SamplingPolicy(Name);

/// <summary><c>span_count</c>: the trace has at least and at most so many spans; a maximum of 0 is none.</summary>
public sealed record SpanCountPolicy(string Name, int MinSpans, int MaxSpans) : SamplingPolicy(Name);

/// <summary><c>and</c>: all of these say so.</summary>
public sealed record AndPolicy(string Name, IReadOnlyList<SamplingPolicy> Policies) : SamplingPolicy(Name);

/// <summary><c>drop</c>: where all of these say so, the trace is not kept, whatever others say.</summary>
public sealed record DropPolicy(string Name, IReadOnlyList<SamplingPolicy> Policies) : SamplingPolicy(Name);

/// <summary><c>composite</c>: the first that says so decides, within what it may keep in a second.</summary>
/// <param name="Policies">In <c>policy_order</c>.</param>
public sealed record CompositePolicy(string Name, long MaxTotalSpansPerSecond, IReadOnlyList<CompositeShare> Policies) : SamplingPolicy(Name);

/// <summary>A policy within a composite one, and the spans it may keep in a second.</summary>
public sealed record CompositeShare(SamplingPolicy Policy, long SpansPerSecond);
