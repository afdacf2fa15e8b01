using System.Text;
using StellaOps.Telemetry.Profiles.Gateway;
using StellaOps.Telemetry.Profiles.Hashing;
using StellaOps.Telemetry.Profiles.Model;

namespace StellaOps.Telemetry.Profiles.Tests.Loading;

public sealed class SamplingReaderTests
{
    [Fact]
    public void Read_EveryType_TakesEveryOption()
    {
        var sampling = Load("""
                decision_wait: 7s
                num_traces: 10
                max_bytes: 2MiB
                decision_cache: { sampled_cache_size: 0, non_sampled_cache_size: 5 }
                logs: { keep: with_trace, sampling_percentage: 12.5 }
                policies:
                  - { name: a, type: latency, latency: { threshold_ms: 10, upper_threshold_ms: 20 } }
                  - { name: b, type: numeric_attribute, numeric_attribute: { key: k, min_value: -5, max_value: 0, invert_match: true } }
                  - { name: c, type: string_attribute, string_attribute: { key: k, values: [x, y], enabled_regex_matching: true, cache_max_size: 9 } }
                  - { name: d, type: boolean_attribute, boolean_attribute: { key: k, value: true } }
                  - { name: e, type: probabilistic, probabilistic: { sampling_percentage: 5, hash_salt: pepper } }
                  - { name: f, type: rate_limiting, rate_limiting: { spans_per_second: 35 } }
                  - { name: g, type: span_count, span_count: { min_spans: 2, max_spans: 20 } }
                  - { name: h, type: trace_state, trace_state: { key: v, values: [gold] } }
            """).Sampling;

        Assert.Equal((TimeSpan.FromSeconds(7), 10, 2L << 20, 0, 5), (sampling.DecisionWait, sampling.NumTraces, sampling.MaxBytes, sampling.SampledCacheSize, sampling.NonSampledCacheSize));
        Assert.Equal(new LogSampling(true, 12.5), sampling.Logs);
        Assert.Collection(
            sampling.Policies,
            p => Assert.Equal(new LatencyPolicy("a", TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(20)), p),
            p => Assert.Equal(new NumericAttributePolicy("b", "k", -5, 0, true), p),
            p => Assert.Equivalent(new StringAttributePolicy("c", "k", ["x", "y"], true, 9, false), p),
            p => Assert.Equal(new BooleanAttributePolicy("d", "k", true, false), p),
            p => Assert.Equal(new ProbabilisticPolicy("e", 5, "pepper"), p),
            p => Assert.Equal(new RateLimitingPolicy("f", 35), p),
            p => Assert.Equal(new SpanCountPolicy("g", 2, 20), p),
            p => Assert.Equivalent(new TraceStatePolicy("h", "v", ["gold"]), p));
    }

    [Fact]
    public void Read_Composite_ResolvesOrderAndShares()
    {
        var policy = Assert.IsType<CompositePolicy>(Assert.Single(Load("""
                policies:
                  - name: c
                    type: composite
                    composite:
                      max_total_spans_per_second: 1000
                      policy_order: [b, a, rest]
                      composite_sub_policy:
                        - { name: a, type: always_sample }
                        - { name: rest, type: always_sample }
                        - { name: b, type: and, and: { and_sub_policy: [{ name: x, type: always_sample }] } }
                      rate_allocation: [{ policy: a, percent: 29 }, { policy: b, percent: 0 }]
            """).Sampling.Policies));

        Assert.Equal([("b", 333L), ("a", 290L), ("rest", 376L)], policy.Policies.Select(s => (s.Policy.Name, s.SpansPerSecond)));
    }

    [Fact]
    public void Read_Head_EachSaysWhatTheOtherLeavesOut()
    {
        const string Policies = "    policies: [{ name: all, type: always_sample }]\n";
        var head = Load(Policies + """
                head:
                  rate: 0.5
                  services: { checkout: 0.1, my.shop/cart: 0 }
                  tenants:
                    acme: { rate: 1, services: { checkout: 0.25 } }
                    globex: { services: { cart: 0.75 } }
            """).Sampling.Head;

        Assert.Equal((0.5, 0.1, 0), (head.Of("other", "any"), head.Of("other", "checkout"), head.Of("other", "my.shop/cart")));
        Assert.Equal((1, 0.25, 1), (head.Of("acme", "any"), head.Of("acme", "checkout"), head.Of("acme", "my.shop/cart")));
        Assert.Equal((0.5, 0.1, 0.75), (head.Of("globex", "any"), head.Of("globex", "checkout"), head.Of("globex", "cart")));
        Assert.Equal((1, true), (Load(Policies).Sampling.Head.Of("acme", "any"), Load(Policies).Sampling.Head.IsDefault));
    }

    [Theory]
    [InlineData("{ rate: 1.1 }", "spec.sampling.head.rate: '1.1' is not allowed here; write a share from 0 to 1, such as 0.1")]
    [InlineData("{ rate: 10% }", "spec.sampling.head.rate: '10%' is not allowed here; write a share from 0 to 1, such as 0.1")]
    [InlineData("{ services: { checkout: all } }", "spec.sampling.head.services.checkout: 'all' is not allowed here; write a share from 0 to 1, such as 0.1")]
    [InlineData("{ services: { '': 1 } }", "spec.sampling.head.services.: a service.name of 0 characters; write 1 to 255")]
    [InlineData("{ tenants: { Acme: { rate: 1 } } }", "spec.sampling.head.tenants.Acme: 'Acme' is not a tenant's name; write 1 to 63 of a-z, 0-9 and '-', not beginning or ending with '-'")]
    [InlineData("{ tenants: { acme: { service: {} } } }", "spec.sampling.head.tenants.acme.service: unknown key; did you mean 'services'?")]
    public void Read_HeadThatIsWrong_IsSaidWhereItStands(string head, string fault)
    {
        var result = ProfileTexts.Load(ProfileTexts.Minimal.Replace("  sampling:\n", $"  sampling:\n    head: {head}\n", StringComparison.Ordinal));

        Assert.EndsWith(fault, Assert.Single(result.Faults).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("key: k, values: [a]", "key: k, values: [b]")]
    [InlineData("key: k, values: [a]", "key: j, values: [a]")]
    [InlineData("key: k, values: [a]", "key: k, values: [a], invert_match: true")]
    public void Canonical_AnotherOption_IsAnotherProfile(string one, string other)
    {
        string Canonical(string options) => Encoding.UTF8.GetString(ProfileHash.Canonical(
            Load($"    policies: [{{ name: s, type: string_attribute, string_attribute: {{ {options} }} }}]"), ""));

        Assert.NotEqual(Canonical(one), Canonical(other));
    }

    private static Profile Load(string sampling)
    {
        var minimal = ProfileTexts.Minimal;
        var result = ProfileTexts.Load(minimal[..minimal.IndexOf("  sampling:", StringComparison.Ordinal)] + "  sampling:\n" + sampling + "\n");
        Assert.True(result.IsValid, string.Join('\n', result.Faults));
        return result.Profile;
    }
}
