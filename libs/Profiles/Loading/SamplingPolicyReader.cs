using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.Profiles.Loading;

/// <summary>Sampling policies: a name, a type, and below a key of the type's name its options.</summary>
internal static class SamplingPolicyReader
{
    private const string Leaves =
        "always_sample, latency, numeric_attribute, probabilistic, status_code, string_attribute, boolean_attribute, trace_state, rate_limiting, span_count";

    /// <summary>What the incident policy is called in stamps; nobody else may bear it.</summary>
    private const string IncidentPolicyName = "incident";

    private const int DefaultCacheMaxSize = 128;

    /// <summary>Where a policy stands, and so which types are lawful there.</summary>
    private enum Place
    {
        Top,
        Group,
        And,
    }

    public static IReadOnlyList<SamplingPolicy> ReadAll(YamlSection section, string key) => ReadAll(section, key, Place.Top);

    private static List<SamplingPolicy> ReadAll(YamlSection parent, string key, Place place)
    {
        var policies = new List<SamplingPolicy>();
        foreach (var section in parent.Sections(key))
        {
            var name = section.Require("name", Scalars.Name, "a name such as errors", "");
            if (name is IncidentPolicyName or SamplingSettings.NoSampling or LogSampling.PolicyName)
            {
                section.Fault("name", $"'{name}' is what stamps call something built in", "choose another");
            }
            else if (name.Length > 0 && policies.Any(p => p.Name == name))
            {
                section.Fault("name", $"'{name}' is there twice", "give each policy a name of its own: stamps and metrics tell them apart by it");
            }

            if (Policy(section, name, place) is { } policy)
            {
                policies.Add(policy);
            }

            section.Done();
        }

        return policies;
    }

    private static SamplingPolicy? Policy(YamlSection section, string name, Place place)
    {
        var types = place switch { Place.Top => Leaves + ", and, drop or composite", Place.Group => Leaves + " or and", _ => Leaves };
        var type = section.Require("type", Scalars.Text, types, "");
        if (type.Length == 0)
        {
            return null;
        }

        if (type == "always_sample")
        {
            return new AlwaysSamplePolicy(name);
        }

        if (!types.Replace(" or ", ", ", StringComparison.Ordinal).Split(", ").Contains(type))
        {
            section.Fault("type", $"'{type}' is no policy type" + (place == Place.Top ? "" : " that may stand here"), $"write {types}");
            return null;
        }

        var options = section.Section(type);
        var policy = Read(options, type, name);
        options.Done();
        return policy;
    }

    private static SamplingPolicy Read(YamlSection options, string type, string name) => type switch
    {
        "status_code" => StatusCode(options, name),
        "latency" => Latency(options, name),
        "probabilistic" => new ProbabilisticPolicy(
            name, options.Require("sampling_percentage", Scalars.Percentage, "10", 0.0), options.Read("hash_salt", Scalars.Text, "a text", "")),
        "numeric_attribute" => Numeric(options, name),
        "string_attribute" => Strings(options, name),
        "boolean_attribute" => new BooleanAttributePolicy(
            name, Key(options), options.Require("value", Scalars.Flag, "true", false), options.Read("invert_match", Scalars.Flag, "true or false", false)),
        "trace_state" => new TraceStatePolicy(name, Key(options), Values(options, Scalars.Text)),
        "rate_limiting" => new RateLimitingPolicy(name, options.Require("spans_per_second", SamplingScalars.Rate, "1000", 1L)),
        "span_count" => SpanCount(options, name),
        "and" => new AndPolicy(name, Subs(options, "and_sub_policy", Place.And)),
        "drop" => new DropPolicy(name, Subs(options, "drop_sub_policy", Place.Group)),
        _ => Composite(options, name),
    };

    private static string Key(YamlSection options) => options.Require("key", Scalars.Text, "an attribute's key", "");

    private static IReadOnlyList<string> Values(YamlSection options, ScalarParser<string> parser)
    {
        var values = options.List("values", parser, "a value");
        if (values.Count == 0)
        {
            options.Fault("values", "names no value", "write [a, b]");
        }

        return values;
    }

    private static StatusCodePolicy StatusCode(YamlSection options, string name)
    {
        var codes = options.List("status_codes", Scalars.OneOf(("UNSET", 0), ("OK", 1), ("ERROR", 2)), "OK, ERROR or UNSET");
        if (codes.Count == 0)
        {
            options.Fault("status_codes", "names no status code", "write [ERROR]");
        }

        return new StatusCodePolicy(name, codes);
    }

    private static LatencyPolicy Latency(YamlSection options, string name)
    {
        var (threshold, upper) = (LatencyBound(options, "threshold"), LatencyBound(options, "upper_threshold"));
        if (threshold is null)
        {
            options.Conflict("threshold", "missing", "write 'threshold: 2s'");
        }

        if (upper != TimeSpan.Zero && upper <= threshold)
        {
            options.Fault(options.Find("upper_threshold_ms") is not null ? "upper_threshold_ms" : "upper_threshold", $"{upper} is not above the threshold, {threshold}", "raise it, or remove it: no trace lies between them");
        }

        return new LatencyPolicy(name, threshold ?? TimeSpan.FromSeconds(1), upper == TimeSpan.Zero ? null : upper);
    }

    /// <summary>In a profile's words, or in milliseconds as the Collector has it.</summary>
    private static TimeSpan? LatencyBound(YamlSection options, string key)
    {
        var milliseconds = options.Optional<TimeSpan>(key + "_ms", SamplingScalars.Milliseconds, "a whole number such as 2000");
        var duration = options.Optional<TimeSpan>(key, Scalars.Duration, "a duration such as 2s");
        if (milliseconds is not null && duration is not null)
        {
            options.Fault(key, $"{key}_ms is there as well", "keep one of them");
        }

        return milliseconds ?? duration;
    }

    private static NumericAttributePolicy Numeric(YamlSection options, string name)
    {
        long? min = options.Find("min_value") is null ? null : options.Require("min_value", SamplingScalars.Integer, "50", 0L);
        long? max = options.Find("max_value") is null ? null : options.Require("max_value", SamplingScalars.Integer, "100", 0L);
        var policy = new NumericAttributePolicy(name, Key(options), min, max, options.Read("invert_match", Scalars.Flag, "true or false", false));
        if (min is null && max is null)
        {
            options.Fault("min_value", "neither min_value nor max_value is there", "write at least one of them");
        }
        else if (min > max)
        {
            options.Fault("min_value", $"{min} is above max_value, {max}", "swap them: no number lies between them");
        }

        return policy;
    }

    private static StringAttributePolicy Strings(YamlSection options, string name)
    {
        var isRegex = options.Read("enabled_regex_matching", Scalars.Flag, "true or false", false);
        var cache = options.Read("cache_max_size", SamplingScalars.CountOrNone, "a whole number", DefaultCacheMaxSize);
        return new StringAttributePolicy(
            name,
            Key(options),
            Values(options, isRegex ? SamplingScalars.Pattern : Scalars.Text),
            isRegex,
            cache == 0 ? DefaultCacheMaxSize : cache,
            options.Read("invert_match", Scalars.Flag, "true or false", false));
    }

    private static SpanCountPolicy SpanCount(YamlSection options, string name)
    {
        var policy = new SpanCountPolicy(
            name, options.Read("min_spans", SamplingScalars.CountOrNone, "a whole number", 0), options.Read("max_spans", SamplingScalars.CountOrNone, "a whole number", 0));
        if (policy.MaxSpans != 0 && policy.MaxSpans < policy.MinSpans)
        {
            options.Fault("max_spans", $"{policy.MaxSpans} is below min_spans, {policy.MinSpans}", "swap them: no count lies between them");
        }

        return policy;
    }

    private static List<SamplingPolicy> Subs(YamlSection options, string key, Place place)
    {
        var policies = ReadAll(options, key, place);
        if (policies.Count == 0 && options.Find(key) is null)
        {
            options.Fault(key, "missing", "write at least one policy");
        }

        return policies;
    }

    private static CompositePolicy Composite(YamlSection options, string name)
    {
        var total = options.Require("max_total_spans_per_second", SamplingScalars.Rate, "1000", 1L);
        var policies = Subs(options, "composite_sub_policy", Place.Group);
        var order = options.List<string>("policy_order", Scalars.Name, "a policy's name");
        if (order.Count == 0)
        {
            order = [.. policies.Select(p => p.Name)];
        }
        else if (!order.Order(StringComparer.Ordinal).SequenceEqual(policies.Select(p => p.Name).Order(StringComparer.Ordinal)))
        {
            options.Fault("policy_order", "does not name each composite_sub_policy once", $"write [{string.Join(", ", policies.Select(p => p.Name))}] in the order wanted");
            return new CompositePolicy(name, total, []);
        }

        return new CompositePolicy(name, total, CompositeAllocation.Share(options, total, [.. order.Select(o => policies.Find(p => p.Name == o)!)]));
    }
}
