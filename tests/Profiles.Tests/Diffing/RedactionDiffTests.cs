using StellaOps.Telemetry.Profiles.Diffing;
using StellaOps.Telemetry.Profiles.Tests.TestServices;

namespace StellaOps.Telemetry.Profiles.Tests.Diffing;

public sealed class RedactionDiffTests
{
    [Theory]
    [InlineData("blocked_values: [{ rule: mail, action: mask, class: email }, { rule: card, action: mask, class: card }]", "blocked_values: [{ rule: card, action: mask, class: card }]", "drops-redaction-rule: redaction rule 'mail' is gone: mask class email")]
    [InlineData("blocked_values: [{ rule: card, action: mask, class: card }]", "blocked_values: [{ rule: mail, action: mask, class: email }, { rule: card, action: mask, class: card }]", "harmless: redaction rule 'mail' is new: mask class email")]
    [InlineData("blocked_values: [{ rule: mail, action: mask, class: email }, { rule: card, action: mask, class: card }]", "blocked_values: [{ rule: card, action: mask, class: card }, { rule: mail, action: mask, class: email }]", null)]
    [InlineData("blocked_values: [{ rule: mail, action: mask, class: email }]", "blocked_values: [{ rule: address, action: mask, class: email }]", "harmless: redaction rule 'mail' is called 'address'")]
    [InlineData("blocked_values: [{ rule: mail, action: mask, class: email }]", "blocked_values: [{ rule: mail, action: hmac, class: email }]", "weakens-redaction: redaction rule 'mail' leaves by mask -> hmac")]
    [InlineData("blocked_values: [{ rule: mail, action: hmac, class: email }]", "blocked_values: [{ rule: mail, action: drop, class: email }]", "harmless: redaction rule 'mail' leaves by hmac -> drop")]
    [InlineData("blocked_values: [{ rule: x, action: mask, pattern: 'order-[0-9]+' }]", "blocked_values: [{ rule: x, action: mask, pattern: 'order-[0-9]{4}' }]", "weakens-redaction: redaction rule 'x' looks for /order-[0-9]+/ -> /order-[0-9]{4}/")]
    [InlineData("blocked_key_patterns: [{ rule: k, action: mask, keys: [a, b] }]", "blocked_key_patterns: [{ rule: k, action: mask, keys: [b, c] }]", "harmless: redaction rule 'k' gains c", "weakens-redaction: redaction rule 'k' loses a")]
    [InlineData("blocked_key_patterns: [{ rule: k, action: mask, keys: [a], anywhere: true }]", "blocked_key_patterns: [{ rule: k, action: mask, keys: [a] }]", "weakens-redaction: redaction rule 'k' matches anywhere in a key true -> false")]
    [InlineData("blocked_key_patterns: [{ rule: k, action: mask, keys: [a] }]", "blocked_key_patterns: [{ rule: j, action: hmac, keys: [a, b] }, { rule: k, action: mask, keys: [a] }]", "weakens-redaction: redaction rule 'j' is new: hmac keys ending in a, b")]
    [InlineData("blocked_key_patterns: [{ rule: k, action: mask, keys: [a] }]", "blocked_key_patterns: [{ rule: k, action: mask, keys: [a] }, { rule: j, action: hmac, keys: [a, b] }]", "harmless: redaction rule 'j' is new: hmac keys ending in a, b")]
    [InlineData("blocked_key_patterns: [{ rule: k, action: mask, keys: [a] }, { rule: j, action: hmac, keys: [b] }]", "blocked_key_patterns: [{ rule: j, action: hmac, keys: [b] }, { rule: k, action: mask, keys: [a] }]", "weakens-redaction: redaction rule 'j' comes before stricter ones, and takes keys from them")]
    [InlineData("blocked_key_patterns: [{ rule: k, action: mask, keys: [a] }, { rule: j, action: drop, keys: [b] }]", "blocked_key_patterns: [{ rule: j, action: drop, keys: [b] }, { rule: k, action: mask, keys: [a] }]", null)]
    [InlineData("ignored_keys: []", "ignored_keys: [free.text]", "weakens-redaction: the list of keys that no rule looks at gains free.text")]
    [InlineData("allowed_values: [a]", "allowed_values: [a, '.+@example\\.com']", @"weakens-redaction: the list of values that stay gains .+@example\.com")]
    [InlineData("allowed_keys: [a]", "allowed_keys: [a, b]", "weakens-redaction: the list of keys that may stay gains b")]
    [InlineData("allowed_keys: [a]", "summary: silent", "weakens-redaction: all keys may stay false -> true")]
    [InlineData("url_sanitizer: { enabled: true }", "summary: silent", "drops-redaction-rule: url_sanitizer on -> off")]
    [InlineData("url_sanitizer: { query: strip }", "url_sanitizer: { query: mask }", "weakens-redaction: url_sanitizer: the query strip -> mask")]
    [InlineData("url_sanitizer: { sanitize_span_name: true }", "url_sanitizer: { sanitize_span_name: false }", "weakens-redaction: url_sanitizer changes span names true -> false")]
    [InlineData("db_sanitizer: { sql: { attributes: [a, b] } }", "db_sanitizer: { sql: { attributes: [a] } }", "weakens-redaction: db_sanitizer loses b")]
    [InlineData("summary: silent", "summary: debug", "harmless: redaction says of itself silent -> debug")]
    public void Diff_Rule_IsNamedWithItsRisk(string before, string after, params string?[]? changes) => Assert.Equal(
        (changes ?? []).OfType<string>(),
        ProfileDiffer.Diff(Documents.Mine("redaction: mine", before), Documents.Mine("redaction: mine", after)).Select(c => $"{ChangeRisks.Name(c.Risk)}: {c.Text}"));

    [Fact]
    public void Diff_NoRedaction_DropsEveryRule() => Assert.Equal(
        [new ProfileChange("spec.redaction", "baseline", "none", ChangeRisk.DropsRedactionRule, "redaction policy baseline -> none")],
        ProfileDiffer.Diff(Documents.Mine("environment: development"), Documents.Mine("redaction: none")));

    [Fact]
    public void Diff_AnotherNameForTheSameRules_IsHarmless()
    {
        var rules = File.ReadAllText(Path.Combine(Documents.Folder, "redaction", "baseline.yaml"));
        var spec = rules[(rules.IndexOf("spec:\n", StringComparison.Ordinal) + 6)..].Replace("\n  ", "\n", StringComparison.Ordinal).TrimStart();

        Assert.Equal(
            [new ProfileChange("spec.redaction", "baseline", "mine", ChangeRisk.Harmless, "redaction policy baseline -> mine")],
            ProfileDiffer.Diff(Documents.Mine("environment: development"), Documents.Mine("redaction: mine", spec)));
    }
}
