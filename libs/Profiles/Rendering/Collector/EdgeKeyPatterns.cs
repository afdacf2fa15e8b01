using StellaOps.Telemetry.Redaction;

namespace StellaOps.Telemetry.Profiles.Rendering.Collector;

/// <summary>Key rules of a redaction policy as expressions in RE2, which the Collector matches with keys as they stand.</summary>
internal static class EdgeKeyPatterns
{
    /// <summary>What parts the words of a key: <c>api_key</c>, <c>api-key</c>, <c>api..key</c>.</summary>
    private const string Gap = @"[^\p{L}\p{Nd}]";

    /// <summary>The expressions of a rule's names; its patterns are not among them.</summary>
    public static IEnumerable<string> Of(KeyRule rule)
    {
        var names = rule.Keys.Select(Words).Where(w => w.Length > 0).ToList();
        if (names.Count == 0)
        {
            yield break;
        }

        if (rule.Anywhere)
        {
            yield return $"(?i)(?:{Any(names.Select(w => string.Join(Gap + "*", w)))})";
            yield break;
        }

        // The last words of a key, between separators: token, x-session-id.
        yield return $@"(?i)(?:^|{Gap})(?:{Any(names.Select(w => string.Join(Gap + "+", w)))}){Gap}*\z";

        // The last words of a key in one word: accessToken, HTTPToken, mySessionId; and sessionId alone.
        yield return $@"(?:^|\p{{L}}|{Gap})(?:{Any(names.Select(w => string.Concat(w.Select(Capital))))}){Gap}*\z";
        if (names.Where(w => w.Length > 1).ToList() is { Count: > 0 } several)
        {
            yield return $@"(?:^|{Gap})(?:{Any(several.Select(w => w[0] + string.Concat(w.Skip(1).Select(Capital))))}){Gap}*\z";
        }
    }

    private static string Any(IEnumerable<string> alternatives) => string.Join('|', alternatives);

    /// <summary>Letters and digits alone: nothing in them is an operator.</summary>
    private static string[] Words(string name) =>
        [.. new string([.. name.Select(c => char.IsLetterOrDigit(c) ? char.ToLowerInvariant(c) : ' ')]).Split(' ', StringSplitOptions.RemoveEmptyEntries)];

    private static string Capital(string word) => char.ToUpperInvariant(word[0]) + word[1..];
}
