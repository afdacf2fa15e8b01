namespace StellaOps.Telemetry.Profiles.Tests.Diffing;

public sealed class SamplingDiffTests
{
    private const string Errors = "{ name: errors, type: status_code, status_code: { status_codes: [ERROR] } }";

    [Theory]
    [InlineData("{ name: p, type: probabilistic, probabilistic: { sampling_percentage: 10 } }", "{ name: p, type: probabilistic, probabilistic: { sampling_percentage: 5 } }", "lowers-sampling: sampling policy 'p' keeps 10 % -> 5 %")]
    [InlineData("{ name: p, type: probabilistic, probabilistic: { sampling_percentage: 5 } }", "{ name: p, type: probabilistic, probabilistic: { sampling_percentage: 12.5 } }", "harmless: sampling policy 'p' keeps 5 % -> 12.5 %")]
    [InlineData("{ name: p, type: probabilistic, probabilistic: { sampling_percentage: 5 } }", "{ name: q, type: probabilistic, probabilistic: { sampling_percentage: 5 } }", "harmless: sampling policy 'p' is called 'q'")]
    [InlineData("{ name: p, type: latency, latency: { threshold: 1s } }", "{ name: p, type: latency, latency: { threshold: 2s } }", "lowers-sampling: sampling policy 'p' keeps what took 1s -> 2s")]
    [InlineData("{ name: p, type: latency, latency: { threshold: 1s } }", "{ name: p, type: latency, latency: { threshold: 1s, upper_threshold: 5s } }", "lowers-sampling: sampling policy 'p' keeps what took at most none -> 5s")]
    [InlineData("{ name: p, type: status_code, status_code: { status_codes: [ERROR, OK] } }", "{ name: p, type: status_code, status_code: { status_codes: [OK, ERROR] } }", null)]
    [InlineData("{ name: p, type: status_code, status_code: { status_codes: [ERROR, OK] } }", "{ name: p, type: status_code, status_code: { status_codes: [ERROR] } }", "lowers-sampling: sampling policy 'p' loses OK")]
    [InlineData("{ name: p, type: rate_limiting, rate_limiting: { spans_per_second: 100 } }", "{ name: p, type: rate_limiting, rate_limiting: { spans_per_second: 10 } }", "lowers-sampling: sampling policy 'p' keeps spans in a second 100 -> 10")]
    [InlineData("{ name: p, type: string_attribute, string_attribute: { key: k, values: [a, b] } }", "{ name: p, type: string_attribute, string_attribute: { key: k, values: [a] } }", "lowers-sampling: sampling policy 'p': k loses b")]
    [InlineData("{ name: p, type: string_attribute, string_attribute: { key: k, values: [a, b], invert_match: true } }", "{ name: p, type: string_attribute, string_attribute: { key: k, values: [a], invert_match: true } }", "harmless: sampling policy 'p': k loses b")]
    [InlineData("{ name: p, type: string_attribute, string_attribute: { key: k, values: [a] } }", "{ name: p, type: string_attribute, string_attribute: { key: l, values: [a] } }", "lowers-sampling: sampling policy 'p' string_attribute k is a -> string_attribute l is a")]
    [InlineData("{ name: p, type: numeric_attribute, numeric_attribute: { key: k, min_value: 1, max_value: 9 } }", "{ name: p, type: numeric_attribute, numeric_attribute: { key: k, min_value: 2, max_value: 9 } }", "lowers-sampling: sampling policy 'p': k at least 1 -> 2")]
    [InlineData("{ name: p, type: span_count, span_count: { min_spans: 2 } }", "{ name: p, type: span_count, span_count: { min_spans: 2, max_spans: 9 } }", "lowers-sampling: sampling policy 'p': spans at most none -> 9")]
    [InlineData("{ name: p, type: always_sample }", "{ name: p, type: probabilistic, probabilistic: { sampling_percentage: 50 } }", "lowers-sampling: sampling policy 'p' always_sample -> probabilistic 50 %")]
    public void Diff_Policy_IsNamedWithItsRisk(string before, string after, params string?[]? changes) =>
        ProfileDifferTests.AssertDiff(Policies(Errors, before), Policies(Errors, after), changes);

    [Fact]
    public void Diff_PolicyThatComesOrGoes_IsOneChange()
    {
        const string Slow = "{ name: slow, type: latency, latency: { threshold: 2s } }";

        ProfileDifferTests.AssertDiff(Policies(Errors), Policies(Errors, Slow), "harmless: sampling policy 'slow' is new: latency from 2s");
        ProfileDifferTests.AssertDiff(Policies(Errors, Slow), Policies(Errors), "lowers-sampling: sampling policy 'slow' is gone: latency from 2s");
    }

    [Fact]
    public void Diff_Order_IsNoChange()
    {
        const string Slow = "{ name: slow, type: latency, latency: { threshold: 2s } }";

        ProfileDifferTests.AssertDiff(Policies(Errors, Slow), Policies(Slow, Errors));
    }

    [Fact]
    public void Diff_And_OneMorePartKeepsLess() => ProfileDifferTests.AssertDiff(
        Policies(And("{ name: a, type: always_sample }")),
        Policies(And("{ name: a, type: always_sample }, { name: b, type: latency, latency: { threshold: 1s } }")),
        "lowers-sampling: sampling policy 'p', its 'b' is new: latency from 1s");

    [Fact]
    public void Diff_Drop_GoesTheOtherWayRound()
    {
        const string Health = "{ name: a, type: string_attribute, string_attribute: { key: http.route, values: [/health] } }";
        const string More = "{ name: a, type: string_attribute, string_attribute: { key: http.route, values: [/health, /ready] } }";

        ProfileDifferTests.AssertDiff(Policies(Errors), Policies(Errors, Drop(Health)), "lowers-sampling: sampling policy 'p' is new: drop (string_attribute http.route is /health)");
        ProfileDifferTests.AssertDiff(Policies(Errors, Drop(Health)), Policies(Errors, Drop(More)), "lowers-sampling: sampling policy 'p', its 'a': http.route gains /ready");
        ProfileDifferTests.AssertDiff(Policies(Errors, Drop(More)), Policies(Errors), "harmless: sampling policy 'p' is gone: drop (string_attribute http.route is /health, /ready)");
    }

    [Fact]
    public void Diff_Composite_OrderAndSharesCount()
    {
        ProfileDifferTests.AssertDiff(
            Policies(Composite(1000, "a, b", 60)), Policies(Composite(500, "b, a", 60)),
            "lowers-sampling: sampling policy 'p' keeps spans in a second 1000 -> 500",
            "lowers-sampling: sampling policy 'p', its 'b' may keep spans in a second 400 -> 200",
            "lowers-sampling: sampling policy 'p', its 'a' may keep spans in a second 600 -> 300",
            "lowers-sampling: sampling policy 'p' asks in order a, b -> b, a");
    }

    [Theory]
    [InlineData("sampling: none", "sampling: { policies: [{ name: a, type: always_sample }] }", "lowers-sampling: tail sampling begins: not everything is kept any more")]
    [InlineData("sampling: { policies: [{ name: a, type: always_sample }] }", "sampling: none", "harmless: no sampling: everything is kept")]
    public void Diff_SamplingAtAll_IsOneChange(string before, string after, string change) => ProfileDifferTests.AssertDiff(before, after, change);

    [Theory]
    [InlineData("num_traces: 50000", "num_traces: 60000", "raises-limit: undecided traces 50000 -> 60000")]
    [InlineData("decision_wait: 5s", "decision_wait: 2s", "lowers-sampling: a trace is decided after 5s -> 2s")]
    [InlineData("max_bytes: 128MiB", "max_bytes: 64MiB", "lowers-sampling: memory of undecided traces 128MiB -> 64MiB")]
    [InlineData("logs: { keep: all }", "logs: { keep: with_trace, sampling_percentage: 10 }", "lowers-sampling: of logs is kept all -> what belongs to a kept trace, 10 % of the rest")]
    public void Diff_Settings_AreNamedWithTheirRisk(string before, string after, params string?[]? changes) =>
        ProfileDifferTests.AssertDiff($"sampling: {{ {before}, policies: [{Errors}] }}", $"sampling: {{ {after}, policies: [{Errors}] }}", changes);

    [Theory]
    [InlineData("{}", "{ rate: 1 }", null)]
    [InlineData("{}", "{ rate: 0.1 }", "lowers-sampling: SDKs begin of new traces 100 % -> 10 %")]
    [InlineData("{ rate: 0.1 }", "{ rate: 0.25 }", "harmless: SDKs begin of new traces 10 % -> 25 %")]
    [InlineData("{}", "{ services: { checkout: 0.1 } }", "lowers-sampling: SDKs of service 'checkout' begin of new traces 100 % -> 10 %")]
    [InlineData("{ rate: 0.1, services: { checkout: 1 } }", "{ rate: 0.1 }", "lowers-sampling: SDKs of service 'checkout' begin of new traces 100 % -> 10 %")]
    [InlineData("{ services: { checkout: 0 } }", "{}", "harmless: SDKs of service 'checkout' begin of new traces 0 % -> 100 %")]
    [InlineData("{ services: { checkout: 0.5 } }", "{ tenants: { acme: { rate: 0.2 } }, services: { checkout: 0.5 } }", "lowers-sampling: SDKs of tenant 'acme' begin of new traces 100 % -> 20 %")]
    [InlineData("{ services: { checkout: 0.5 } }", "{ tenants: { acme: { services: { checkout: 0.1 } } }, services: { checkout: 0.5 } }", "lowers-sampling: SDKs of service 'checkout' of tenant 'acme' begin of new traces 50 % -> 10 %")]
    public void Diff_Head_IsNamedWithItsRisk(string before, string after, params string?[]? changes) =>
        ProfileDifferTests.AssertDiff($"sampling: {{ head: {before}, policies: [{Errors}] }}", $"sampling: {{ head: {after}, policies: [{Errors}] }}", changes);

    private static string Policies(params string[] policies) => $"sampling: {{ policies: [{string.Join(", ", policies)}] }}";

    private static string And(string parts) => $"{{ name: p, type: and, and: {{ and_sub_policy: [{parts}] }} }}";

    private static string Drop(string part) => $"{{ name: p, type: drop, drop: {{ drop_sub_policy: [{part}] }} }}";

    private static string Composite(int total, string order, int percent) =>
        $$"""
        { name: p, type: composite, composite: { max_total_spans_per_second: {{total}}, policy_order: [{{order}}],
          composite_sub_policy: [{ name: a, type: always_sample }, { name: b, type: latency, latency: { threshold: 1s } }],
          rate_allocation: [{ policy: a, percent: {{percent}} }, { policy: b, percent: {{100 - percent}} }] } }
        """.ReplaceLineEndings(" ");
}
