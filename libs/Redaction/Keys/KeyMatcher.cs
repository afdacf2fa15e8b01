using System.Text;
using System.Text.RegularExpressions;

namespace StellaOps.Telemetry.Redaction.Keys;

/// <summary>Matches attribute keys with the key rules. Slow and allocating: its answers are kept by <see cref="KeyCache"/>.</summary>
internal sealed class KeyMatcher
{
    private readonly (string[] Names, bool Anywhere, Regex[] Patterns)[] _rules;
    private readonly HashSet<string> _ignored;

    public KeyMatcher(RedactionPolicy policy, IReadOnlyList<Regex[]> patterns)
    {
        _ignored = new HashSet<string>(policy.IgnoredKeys, StringComparer.OrdinalIgnoreCase);
        _rules = policy.BlockedKeyPatterns
            .Select((rule, i) => (rule.Keys.Select(k => rule.Anywhere ? Squash(k) : "_" + Words(k)).ToArray(), rule.Anywhere, patterns[i]))
            .ToArray();
    }

    public bool IsIgnored(ReadOnlySpan<byte> key) => _ignored.Count > 0 && _ignored.Contains(Encoding.UTF8.GetString(key));

    /// <summary>Index of the first key rule that matches, or -1.</summary>
    public int FindRule(ReadOnlySpan<byte> key)
    {
        if (_rules.Length == 0)
        {
            return -1;
        }

        var text = Encoding.UTF8.GetString(key);
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
                if (pattern.IsMatch(text))
                {
                    return i;
                }
            }
        }

        return -1;
    }

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
