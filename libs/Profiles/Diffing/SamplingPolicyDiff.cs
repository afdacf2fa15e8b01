using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.Profiles.Diffing;

/// <summary>One policy against another of the same name.</summary>
internal sealed class SamplingPolicyDiff(ChangeList changes, KeptRisks risks)
{
    public static bool SameButName(SamplingPolicy a, SamplingPolicy b) => SamplingWords.Of(a) == SamplingWords.Of(b);

    public void Add(string path, string what, SamplingPolicy was, SamplingPolicy now)
    {
        if (SameButName(was, now))
        {
            return;
        }

        switch (was, now)
        {
            case (StatusCodePolicy b, StatusCodePolicy a):
                changes.Set(path + ".status_codes", what, b.StatusCodes.Select(Words.StatusCode), a.StatusCodes.Select(Words.StatusCode), risks.More, risks.Less);
                break;
            case (LatencyPolicy b, LatencyPolicy a):
                changes.Fall(path + ".threshold", what + " keeps what took", b.Threshold, a.Threshold, Words.Of, risks.More, risks.Less);
                Upper(path + ".upper_threshold", what + " keeps what took at most", b.UpperThreshold, a.UpperThreshold, Words.Of);
                break;
            case (ProbabilisticPolicy b, ProbabilisticPolicy a):
                changes.Fall(path + ".sampling_percentage", what + " keeps", b.SamplingPercentage, a.SamplingPercentage, Words.Percent, risks.Less, risks.More);
                changes.Value(path + ".hash_salt", what + " chooses by salt", b.HashSalt, a.HashSalt, ChangeRisk.Harmless);
                break;
            case (NumericAttributePolicy b, NumericAttributePolicy a) when b.Key == a.Key && b.InvertMatch == a.InvertMatch:
                var numeric = new SamplingPolicyDiff(changes, risks.InvertedIf(a.InvertMatch));
                numeric.Lower(path + ".min_value", $"{what}: {a.Key} at least", b.MinValue, a.MinValue);
                numeric.Upper(path + ".max_value", $"{what}: {a.Key} at most", b.MaxValue, a.MaxValue, Words.Number);
                break;
            case (StringAttributePolicy b, StringAttributePolicy a) when b.Key == a.Key && b.InvertMatch == a.InvertMatch && b.EnabledRegexMatching == a.EnabledRegexMatching:
                var text = risks.InvertedIf(a.InvertMatch);
                changes.Set(path + ".values", $"{what}: {a.Key}", b.Values, a.Values, text.More, text.Less);
                changes.Fall<long>(path + ".cache_max_size", what + " remembers", b.CacheMaxSize, a.CacheMaxSize, Words.Number, ChangeRisk.Harmless);
                break;
            case (TraceStatePolicy b, TraceStatePolicy a) when b.Key == a.Key:
                changes.Set(path + ".values", $"{what}: {a.Key}", b.Values, a.Values, risks.More, risks.Less);
                break;
            case (RateLimitingPolicy b, RateLimitingPolicy a):
                changes.Fall(path + ".spans_per_second", what + " keeps spans in a second", b.SpansPerSecond, a.SpansPerSecond, Words.Number, risks.Less, risks.More);
                break;
            case (SpanCountPolicy b, SpanCountPolicy a):
                changes.Fall<long>(path + ".min_spans", what + ": spans at least", b.MinSpans, a.MinSpans, Words.Number, risks.More, risks.Less);
                Upper<long>(path + ".max_spans", what + ": spans at most", b.MaxSpans == 0 ? null : b.MaxSpans, a.MaxSpans == 0 ? null : a.MaxSpans, Words.Number);
                break;
            case (AndPolicy b, AndPolicy a):
                Parts(path, what, b.Policies, a.Policies);
                break;
            case (DropPolicy b, DropPolicy a):
                new SamplingPolicyDiff(changes, risks.Inverted).Parts(path, what, b.Policies, a.Policies);
                break;
            case (CompositePolicy b, CompositePolicy a):
                Composite(path, what, b, a);
                break;
            default:
                // Whether it says yes to more or to less depends on what is sent.
                changes.Value(path, what, SamplingWords.Of(was), SamplingWords.Of(now), ChangeRisk.LowersSampling);
                break;
        }
    }

    /// <summary>Null is no bound.</summary>
    private void Upper<T>(string path, string what, T? was, T? now, Func<T, string> word)
        where T : struct, IComparable<T>
    {
        var isLess = now is { } n && (was is null || was.Value.CompareTo(n) > 0);
        changes.Value(path, what, was is { } b ? word(b) : null, now is { } a ? word(a) : null, isLess ? risks.Less : risks.More);
    }

    private void Lower(string path, string what, long? was, long? now)
    {
        var isLess = now is { } n && (was is null || was.Value < n);
        changes.Value(path, what, was is { } b ? Words.Number(b) : null, now is { } a ? Words.Number(a) : null, isLess ? risks.Less : risks.More);
    }

    /// <summary>All have to say yes: one more says yes to less.</summary>
    private void Parts(string path, string what, IReadOnlyList<SamplingPolicy> was, IReadOnlyList<SamplingPolicy> now)
    {
        foreach (var (before, after) in NamedPairs.Of(was, now, p => p.Name, SameButName))
        {
            var part = $"{what}, its '{(after ?? before)!.Name}'";
            var place = $"{path}.policies.{(after ?? before)!.Name}";
            if (before is null)
            {
                changes.Add(place, null, SamplingWords.Of(after!), risks.Less, $"{part} is new: {SamplingWords.Of(after!)}");
            }
            else if (after is null)
            {
                changes.Add(place, SamplingWords.Of(before), null, risks.More, $"{part} is gone: {SamplingWords.Of(before)}");
            }
            else
            {
                Add(place, part, before, after);
            }
        }
    }

    private void Composite(string path, string what, CompositePolicy was, CompositePolicy now)
    {
        changes.Fall(path + ".max_total_spans_per_second", what + " keeps spans in a second", was.MaxTotalSpansPerSecond, now.MaxTotalSpansPerSecond, Words.Number, risks.Less, risks.More);
        foreach (var (before, after) in NamedPairs.Of(was.Policies, now.Policies, s => s.Policy.Name, (a, b) => SameButName(a.Policy, b.Policy)))
        {
            var name = (after ?? before)!.Policy.Name;
            var place = $"{path}.composite_sub_policy.{name}";
            var part = $"{what}, its '{name}'";
            if (before is null)
            {
                changes.Add(place, null, SamplingWords.Of(after!.Policy), risks.More, $"{part} is new: {SamplingWords.Of(after.Policy)}");
            }
            else if (after is null)
            {
                changes.Add(place, SamplingWords.Of(before.Policy), null, risks.Less, $"{part} is gone: {SamplingWords.Of(before.Policy)}");
            }
            else
            {
                Add(place, part, before.Policy, after.Policy);
                changes.Fall(place + ".rate_allocation", part + " may keep spans in a second", before.SpansPerSecond, after.SpansPerSecond, Words.Number, risks.Less, risks.More);
            }
        }

        // The first that says yes decides, within its share.
        var common = now.Policies.Select(s => s.Policy.Name).Intersect(was.Policies.Select(s => s.Policy.Name)).ToList();
        changes.Value(
            path + ".policy_order", what + " asks in order", Words.List(was.Policies.Select(s => s.Policy.Name).Where(common.Contains)), Words.List(common), ChangeRisk.LowersSampling);
    }
}
