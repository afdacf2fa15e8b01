using StellaOps.Telemetry.Profiles.Rendering.Yaml;
using StellaOps.Telemetry.Redaction;

namespace StellaOps.Telemetry.Profiles.Rendering.Collector;

/// <summary>
/// What a redaction policy comes to in the Collector's <c>redaction</c> and <c>transform</c> processors. It acts before the queue's disk; the gateway
/// applies the whole policy again. Where the processors cannot say what the policy says, this says something stricter; where that is impossible
/// either, the gateway alone acts, and <see cref="Gaps"/> names it.
/// </summary>
internal sealed class EdgeRedaction
{
    private readonly RedactionPolicy _policy;
    private readonly IReadOnlyList<(string Rule, string Pattern)> _values;

    public EdgeRedaction(RedactionPolicy policy)
    {
        _policy = policy;
        _values = [.. policy.BlockedValues.SelectMany(r => EdgeValuePatterns.Of(r).Select(p => (r.Rule, p)))];
        Gaps =
        [
            .. policy.BlockedValues.Where(r => EdgeValuePatterns.Of(r).Count == 0).Select(r => $"value rule '{r.Rule}': its pattern is none of RE2"),
            .. policy.BlockedKeyPatterns.Where(r => !r.Patterns.All(Re2.Accepts)).Select(r => $"key rule '{r.Rule}': one of its patterns is none of RE2"),
            .. Sanitizers(policy),
        ];
    }

    /// <summary>What the gateway alone redacts, a line each.</summary>
    public IReadOnlyList<string> Gaps { get; }

    /// <summary>Whether there is anything for the transform processor to look for.</summary>
    public bool HasTransform => _values.Count > 0;

    /// <summary>Attributes of resources, scopes, spans, events, log records and data points; bodies of log records.</summary>
    public YamlMap Redaction() => new()
    {
        { "allow_all_keys", _policy.AllowAllKeys },
        { "allowed_keys", _policy.AllowAllKeys ? null : _policy.AllowedKeys },
        { "ignored_keys", _policy.IgnoredKeys.Count == 0 ? null : _policy.IgnoredKeys },

        // Numbers too: a card number may be one.
        { "redact_all_types", true },
        { "blocked_key_patterns", Keys().ToList() },
        { "blocked_values", _values.Select(v => v.Pattern).ToList() },

        // There a value in which one of these is found anywhere stays whole: so they have to be all of it.
        { "allowed_values", _policy.AllowedValues.Where(Re2.Accepts).Select(v => $@"^(?:{v})\z").ToList() },
        { "summary", _policy.Summary.ToString().ToLowerInvariant() },
    };

    /// <summary>Names and status messages, which the redaction processor passes by. An error drops the batch rather than its redaction.</summary>
    public YamlMap Transform() => new()
    {
        { "error_mode", "propagate" },
        { "trace_statements", new List<YamlMap> { Statements("span", "span.name", "span.status.message"), Statements("spanevent", "spanevent.name") } },
    };

    private static IEnumerable<string> Sanitizers(RedactionPolicy policy)
    {
        if (policy.UrlSanitizer is not null)
        {
            yield return "url_sanitizer";
        }

        if (policy.DbSanitizer is not null)
        {
            yield return "db_sanitizer";
        }
    }

    private IEnumerable<string> Keys() =>
        _policy.BlockedKeyPatterns.SelectMany(r => EdgeKeyPatterns.Of(r).Concat(r.Patterns.Where(Re2.Accepts).Select(p => $"(?i)(?:{p})")));

    private YamlMap Statements(string context, params IReadOnlyList<string> fields) => new()
    {
        { "context", context },
        { "statements", fields.SelectMany(f => _values.Select(v => $"replace_pattern({f}, {Literal(v.Pattern)}, {Literal($"[{v.Rule}]")})")).ToList() },
    };

    /// <summary>A text of OTTL: a backslash escapes.</summary>
    private static string Literal(string text) => "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
}
