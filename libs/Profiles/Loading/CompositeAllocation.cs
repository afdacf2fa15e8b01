using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.Profiles.Loading;

/// <summary><c>rate_allocation</c> of a composite policy, resolved to spans per second.</summary>
internal static class CompositeAllocation
{
    /// <summary>A percentage of the total; 0 stands for an equal share; those without an entry share what the others leave.</summary>
    public static IReadOnlyList<CompositeShare> Share(YamlSection options, long total, IReadOnlyList<SamplingPolicy> policies)
    {
        var shares = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var entry in options.Sections("rate_allocation"))
        {
            var policy = entry.Require("policy", Scalars.Name, "a policy's name", "");
            var percent = entry.Require("percent", Scalars.Percentage, "50", 0.0);
            if (policy.Length > 0 && policies.All(p => p.Name != policy))
            {
                entry.Fault("policy", $"'{policy}' is no composite_sub_policy", "name one of them");
            }
            else if (!shares.TryAdd(policy, percent > 0 ? percent / 100 * total : (double)total / policies.Count))
            {
                entry.Fault("policy", $"'{policy}' is there twice", "keep one of them");
            }

            entry.Done();
        }

        // The half absorbs what percentages lose as binary fractions.
        var given = shares.Values.Sum();
        if (given > total + 0.5)
        {
            options.Fault("rate_allocation", "allocates more than max_total_spans_per_second", "lower the percentages: they have to sum to at most 100");
        }

        var rest = Math.Max(0, total - given) / Math.Max(1, policies.Count(p => !shares.ContainsKey(p.Name)));
        return [.. policies.Select(p => new CompositeShare(p, (long)(shares.GetValueOrDefault(p.Name, rest) + 1e-6)))];
    }
}
