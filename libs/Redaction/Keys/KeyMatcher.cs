using System.Text;
using System.Text.RegularExpressions;
using StellaOps.Telemetry.Redaction.Sanitizing;

namespace StellaOps.Telemetry.Redaction.Keys;

/// <summary>Matches attribute keys with the key rules. Slow and allocating: its answers are kept by <see cref="KeyCache"/>.</summary>
internal sealed class KeyMatcher
{
    private readonly (string[] Names, bool Anywhere, Regex[] Patterns)[] _rules;
    private readonly HashSet<string> _ignored;
    private readonly Regex[] _ignoredPatterns;
    private readonly HashSet<string>? _allowed;
    private readonly HashSet<string> _urls;
    private readonly HashSet<string> _statements;
    private readonly bool _hasSummary;

    public KeyMatcher(RedactionPolicy policy, IReadOnlyList<Regex[]> patterns, Regex[] ignoredPatterns)
    {
        _ignored = Set(policy.IgnoredKeys);
        _ignoredPatterns = ignoredPatterns;
        _allowed = policy.AllowAllKeys ? null : Set(policy.AllowedKeys);
        _urls = Set(policy.UrlSanitizer?.Attributes ?? []);
        _statements = Set(policy.DbSanitizer?.Attributes ?? []);
        _hasSummary = policy.Summary != RedactionSummary.Silent;
        _rules = policy.BlockedKeyPatterns
            .Select((rule, i) => (rule.Keys.Select(k => rule.Anywhere ? Squash(k) : "_" + Words(k)).ToArray(), rule.Anywhere, patterns[i]))
            .ToArray();
    }

    /// <summary>Judges a key in which no value rule finds anything.</summary>
    public KeyVerdict Judge(ReadOnlySpan<byte> key)
    {
        var text = Encoding.UTF8.GetString(key);
        var summary = _hasSummary ? SummaryKeys.IndexOf(text) : -1;
        if (summary >= 0)
        {
            return new KeyVerdict(-1, Ignored: false, Dirty: false, Unlisted: false, Sanitizer.None, summary);
        }

        if (_ignored.Contains(text) || _ignoredPatterns.Any(p => Matches(p, text, onTimeout: false)))
        {
            return new KeyVerdict(-1, Ignored: true, Dirty: false, Unlisted: false, Sanitizer.None, -1);
        }

        var sanitizer = _urls.Contains(text) ? Sanitizer.Url : _statements.Contains(text) ? Sanitizer.Sql : Sanitizer.None;
        return new KeyVerdict(FindRule(text), Ignored: false, Dirty: false, _allowed is not null && !_allowed.Contains(text), sanitizer, -1);
    }

    /// <summary>Index of the first key rule that matches, or -1.</summary>
    public int FindRule(string text)
    {
        if (_rules.Length == 0)
        {
            return -1;
        }

        var words = "_" + Words(text);
        var squashed = Squash(text);
        for (var i = 0; i < _rules.Length; i++)
        {
            var (names, anywhere, patterns) = _rules[i];
            foreach (var name in names)
            {
                if (anywhere ? squashed.Contains(name, StringComparison.Ordinal) : words.EndsWith(name, StringComparison.Ordinal))
                {
                    return i;
                }
            }

            foreach (var pattern in patterns)
            {
                if (Matches(pattern, text, onTimeout: true))
                {
                    return i;
                }
            }
        }

        return -1;
    }

    /// <summary>A key so long that a pattern runs out of time is judged the strict way.</summary>
    private static bool Matches(Regex pattern, string text, bool onTimeout)
    {
        try
        {
            return pattern.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return onTimeout;
        }
    }

    private static HashSet<string> Set(IEnumerable<string> keys) => new(keys, StringComparer.OrdinalIgnoreCase);

    /// <summary><c>X-Api-Key</c>, <c>x.api_key</c> and <c>xApiKey</c> all become <c>x_api_key</c>.</summary>
    private static string Words(string key)
    {
        var words = new StringBuilder(key.Length + 4);
        for (var i = 0; i < key.Length; i++)
        {
            var c = key[i];
            if (!char.IsLetterOrDigit(c))
            {
                if (words.Length > 0 && words[^1] != '_')
                {
                    words.Append('_');
                }

                continue;
            }

            if (char.IsUpper(c) && i > 0 && (char.IsLower(key[i - 1]) || (char.IsUpper(key[i - 1]) && i + 1 < key.Length && char.IsLower(key[i + 1]))))
            {
                words.Append('_');
            }

            words.Append(char.ToLowerInvariant(c));
        }

        return words.ToString().Trim('_');
    }

    private static string Squash(string key) => string.Concat(key.Where(char.IsLetterOrDigit)).ToLowerInvariant();
}
