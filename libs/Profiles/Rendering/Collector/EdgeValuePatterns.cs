using StellaOps.Telemetry.Redaction;

namespace StellaOps.Telemetry.Profiles.Rendering.Collector;

/// <summary>
/// The classes of a redaction policy as expressions in RE2. An expression sees form alone: where the gateway also proves a check sum, these find
/// more, never less, than what has that form. What they miss the gateway redacts (docs/rendering.md lists it).
/// </summary>
internal static class EdgeValuePatterns
{
    private const string Octet = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";

    private const string Hex = "[0-9a-f]{1,4}";

    /// <summary>Between a scheme and its credentials.</summary>
    private const string Gap = """(?:[ \t+:="]|%20)+""";

    private static readonly Dictionary<ValueClass, string[]> s_patterns = new()
    {
        [ValueClass.Token] =
        [
            // After the scheme something that no word of a language is: with a digit, a sign of base64, or a capital inside.
            $@"\b(?i:bearer|basic){Gap}[A-Za-z\-._~]*(?:[0-9+/=]|[a-z][A-Z])[A-Za-z0-9\-._~+/]{{4,}}=*",
            $@"\b(?i:bearer){Gap}[A-Za-z0-9\-._~+/]{{16,}}=*",
            @"\beyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}(?:\.[A-Za-z0-9_\-]*)?",
            @"\b(?:AKIA|ASIA)[0-9A-Za-z]{16,}",
            @"\b(?:AIza|gh[pousr]_|npm_|pypi-|hf_|dop_v1_|SG\.)[0-9A-Za-z_.\-]{30,}",
            @"\b(?:ya29\.|github_pat_|shpat_|hvs\.|AGE-SECRET-KEY-)[0-9A-Za-z_.\-]{20,}",
            @"\b(?:glpat-|sk-ant-|sk-proj-)[0-9A-Za-z_.\-]{16,}",
            @"\b(?:xox[abprs]-|[rs]k_live_|sk_test_|pk_live_|stik_)[0-9A-Za-z_.\-]{10,}",
            @"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[A-Za-z0-9+/=\s]*(?:-----END [A-Z0-9 ]*PRIVATE KEY-----)?",
        ],
        [ValueClass.Email] = [@"[\p{L}\p{Nd}._%+'\-]+(?:@|%40|%2540)(?:[\p{L}\p{Nd}\-]+\.)+\p{L}{2,}"],
        [ValueClass.Ipv6] =
        [
            $@"(?i)\b(?:{Hex}:){{7}}{Hex}\b",
            $@"(?i)\b{Hex}(?::{Hex}){{0,6}}::(?:{Hex}(?::{Hex}){{0,5}}\b)?",
            $@"(?i)\[::(?:{Hex}:){{0,6}}{Hex}\]",
        ],
        [ValueClass.Ipv4] = [$@"\b(?:{Octet}\.){{3}}{Octet}\b"],
        [ValueClass.Iban] = [@"\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b"],
        [ValueClass.Card] =
        [
            @"\b(?:4[0-9]{3}|5[0-9]{3}|6[0-9]{3}|2[2-7][0-9]{2}|35[0-9]{2})[ \-]?[0-9]{4}[ \-]?[0-9]{4}[ \-]?[0-9]{1,4}(?:[ \-]?[0-9]{1,3})?\b",
            @"\b3[0-9]{3}[ \-]?[0-9]{6}[ \-]?[0-9]{4,5}\b",
        ],
        [ValueClass.NationalId] =
        [
            @"\b[0-9]{3}[ \-][0-9]{2}[ \-][0-9]{4}\b",
            @"(?i)\b[a-ceghj-prtw-z][a-ceghj-nprtw-z][ \-]?[0-9]{2}[ \-]?[0-9]{2}[ \-]?[0-9]{2}[ \-]?[a-d]\b",
        ],
    };

    /// <summary>The expressions of a rule; none where it has a pattern that RE2 does not read as we do.</summary>
    public static IReadOnlyList<string> Of(ValueRule rule) => rule switch
    {
        { Class: not ValueClass.Pattern } => s_patterns[rule.Class],
        { Pattern: { } pattern } when Re2.Accepts(pattern) => [pattern],
        _ => [],
    };
}
