using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using StellaOps.Telemetry.Redaction.Keys;
using StellaOps.Telemetry.Redaction.Scanning;

namespace StellaOps.Telemetry.Redaction;

/// <summary>A policy made ready for use; immutable and safe to share between threads.</summary>
public sealed class CompiledPolicy
{
    /// <summary>Rule name under which dropped unknown fields are counted.</summary>
    public const string UnknownFieldRule = "unknown_field";

    /// <summary>Rule name under which attributes are counted that the list of allowed keys does not name.</summary>
    public const string AllowedKeysRule = "allowed_keys";

    /// <summary>Rule name under which rewritten URLs are counted.</summary>
    public const string UrlSanitizerRule = "url_sanitizer";

    /// <summary>Rule name under which rewritten statements are counted.</summary>
    public const string DbSanitizerRule = "db_sanitizer";

    private static readonly TimeSpan s_patternTime = TimeSpan.FromMilliseconds(200);

    private CompiledPolicy(RedactionPolicy policy, RedactionSecrets secrets, List<PolicyFault> faults)
    {
        Name = policy.Name;
        var rules = new List<string>();
        var keyPatterns = new List<Regex[]>();
        foreach (var rule in policy.BlockedKeyPatterns)
        {
            rules.Add(rule.Rule);
            keyPatterns.Add(rule.Patterns.Select(p => Pattern(p, RegexOptions.IgnoreCase, rule.Rule, faults)).OfType<Regex>().ToArray());
        }

        KeyActions = policy.BlockedKeyPatterns.Select(r => r.Action).ToArray();
        var values = new List<CompiledValueRule>();
        foreach (var rule in policy.BlockedValues.OrderBy(r => r.Class))
        {
            var pattern = rule.Pattern is null ? null : Pattern(rule.Pattern, RegexOptions.None, rule.Rule, faults);
            var compiled = new CompiledValueRule(rules.Count, rule, pattern);
            if (rule.Class == ValueClass.Card)
            {
                Card ??= compiled;
            }

            if (rule.Class != ValueClass.Pattern || pattern is not null)
            {
                values.Add(compiled);
            }

            rules.Add(rule.Rule);
        }

        UnknownField = rules.Count;
        rules.Add(UnknownFieldRule);
        AllowedKeys = Add(rules, AllowedKeysRule, !policy.AllowAllKeys);
        UrlIndex = Add(rules, UrlSanitizerRule, policy.UrlSanitizer is not null);
        DbIndex = Add(rules, DbSanitizerRule, policy.DbSanitizer is not null);
        Query = policy.UrlSanitizer?.Query ?? UrlQuery.Strip;
        SanitizesSpanNames = policy.UrlSanitizer is { SpanName: true };
        Summary = policy.Summary;
        Rules = rules;
        Values = [.. values];
        Classes = values.Aggregate(ValueClasses.None, (all, rule) => all | rule.Class);
        AllowedLiterals = policy.AllowedValues.Where(IsLiteral).Select(v => Encoding.UTF8.GetBytes(Regex.Unescape(v))).ToArray();
        AllowedPatterns = policy.AllowedValues.Where(v => !IsLiteral(v))
            .Select(v => Pattern("^(?:" + v + ")$", RegexOptions.None, "allowed_values", faults)).OfType<Regex>().ToArray();
        var ignoredPatterns = policy.IgnoredKeyPatterns.Select(p => Pattern(p, RegexOptions.IgnoreCase, "ignored_key_patterns", faults)).OfType<Regex>();
        Keys = new KeyMatcher(policy, keyPatterns, [.. ignoredPatterns]);
        Pseudonyms = new Pseudonyms(secrets.HmacKey.ToArray());
        Hash = ComputeHash(policy);
    }

    /// <summary>Name of the policy.</summary>
    public string Name { get; }

    /// <summary>SHA-256, in lower-case hex, of what the policy says; layout and comments of its document do not count.</summary>
    public string Hash { get; }

    /// <summary>Names of all rules; <see cref="RedactionCounters"/> counts by the same indexes. Bounded: fit for a metric label.</summary>
    public IReadOnlyList<string> Rules { get; }

    internal RedactionAction[] KeyActions { get; }

    internal CompiledValueRule[] Values { get; }

    /// <summary>Classes of all value rules; <see cref="ValueClasses.Pattern"/> when there are rules whose matches may begin anywhere.</summary>
    internal ValueClasses Classes { get; }

    internal bool HasPatterns => (Classes & ValueClasses.Pattern) != 0;

    internal CompiledValueRule? Card { get; }

    internal int UnknownField { get; }

    /// <summary>Index of the rule that takes unlisted keys away; negative where all keys may stay. So with the sanitizers.</summary>
    internal int AllowedKeys { get; }

    internal int UrlIndex { get; }

    internal int DbIndex { get; }

    internal UrlQuery Query { get; }

    internal bool SanitizesSpanNames { get; }

    internal RedactionSummary Summary { get; }

    internal KeyMatcher Keys { get; }

    internal Pseudonyms Pseudonyms { get; }

    internal byte[][] AllowedLiterals { get; }

    internal Regex[] AllowedPatterns { get; }

    /// <summary>Checks the policy against the secrets and compiles it; throws <see cref="RedactionPolicyException"/> with all faults.</summary>
    public static CompiledPolicy Compile(RedactionPolicy policy, RedactionSecrets secrets)
    {
        ArgumentNullException.ThrowIfNull(policy);
        var faults = new List<PolicyFault>();
        Check(policy, secrets, faults);
        var compiled = new CompiledPolicy(policy, secrets, faults);
        CheckMarks(compiled, policy, faults);
        return faults.Count == 0 ? compiled : throw new RedactionPolicyException(faults);
    }

    internal bool IsAllowed(ReadOnlySpan<byte> match)
    {
        foreach (var literal in AllowedLiterals)
        {
            if (match.SequenceEqual(literal))
            {
                return true;
            }
        }

        if (AllowedPatterns.Length > 0)
        {
            var text = Encoding.UTF8.GetString(match);
            foreach (var pattern in AllowedPatterns)
            {
                if (Matches(pattern, text))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>What takes too long is not allowed.</summary>
    private static bool Matches(Regex pattern, string text)
    {
        try
        {
            return pattern.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    private static int Add(List<string> rules, string name, bool isUsed)
    {
        if (isUsed)
        {
            rules.Add(name);
            return rules.Count - 1;
        }

        return -1;
    }

    private static void Check(RedactionPolicy policy, RedactionSecrets secrets, List<PolicyFault> faults)
    {
        void Fault(string message, string? rule = null) => faults.Add(new PolicyFault(0, 0, message) { Rule = rule });

        var names = new HashSet<string>(StringComparer.Ordinal) { UnknownFieldRule, AllowedKeysRule, UrlSanitizerRule, DbSanitizerRule };
        foreach (var name in policy.BlockedKeyPatterns.Select(r => r.Rule).Concat(policy.BlockedValues.Select(r => r.Rule)))
        {
            if (name.Length > 40 || name.Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not '_' and not '-'))
            {
                Fault($"rule name '{name}' must be at most 40 of a-z, 0-9, '_' and '-'", name);
            }

            if (!names.Add(name))
            {
                Fault($"rule name '{name}' is used twice or reserved", name);
            }
        }

        if (policy.AllowAllKeys != (policy.AllowedKeys.Count == 0))
        {
            Fault(policy.AllowAllKeys
                ? "'allowed_keys' does nothing while 'allow_all_keys' is true; leave one of them out"
                : "'allow_all_keys: false' without 'allowed_keys' would take every attribute away; name the keys that may stay");
        }

        foreach (var rule in policy.BlockedKeyPatterns.Where(r => r.Action == RedactionAction.Hash))
        {
            Fault($"key rule '{rule.Rule}': an unkeyed hash of passwords and the like can be guessed; use hmac, mask or drop", rule.Rule);
        }

        foreach (var rule in policy.BlockedValues.Where(r => r.Action == RedactionAction.Hash))
        {
            if (rule.Class != ValueClass.Token && !(rule.Class == ValueClass.Pattern && rule.HighEntropy))
            {
                Fault($"value rule '{rule.Rule}': an unkeyed hash of this class can be guessed by trying all values; use hmac, mask or drop (a pattern may state 'high_entropy: true')", rule.Rule);
            }
        }

        if (secrets.HmacKey.Length < RedactionSecrets.MinimumHmacKeyBytes && Acts(policy))
        {
            Fault($"an HMAC key of at least {RedactionSecrets.MinimumHmacKeyBytes} bytes is needed: in metrics and attribute keys a mask or a drop would merge different series, so pseudonyms take their place");
        }
    }

    private static bool Acts(RedactionPolicy policy) =>
        policy.BlockedKeyPatterns.Count + policy.BlockedValues.Count > 0 || !policy.AllowAllKeys || policy.UrlSanitizer is not null || policy.DbSanitizer is not null;

    /// <summary>A mark that a rule finds again would make the second redaction differ from the first.</summary>
    private static void CheckMarks(CompiledPolicy compiled, RedactionPolicy policy, List<PolicyFault> faults)
    {
        var pseudonym = new byte[Pseudonyms.Length];
        Pseudonyms.Write(compiled.Pseudonyms.KeysOf("probe"), "probe"u8, pseudonym);
        foreach (var rule in compiled.Values)
        {
            foreach (var mark in compiled.Values.Select(r => r.Mask).Append(Marks.Redacted.ToArray()).Append(pseudonym))
            {
                if (rule.TryFind(mark, 0, new PatternText(), out _, out _))
                {
                    faults.Add(new PolicyFault(0, 0, $"value rule '{compiled.Rules[rule.Index]}' of policy '{policy.Name}' matches the mark '{Encoding.UTF8.GetString(mark)}' that redaction leaves; narrow its pattern") { Rule = compiled.Rules[rule.Index] });
                }
            }
        }
    }

    private static bool IsLiteral(string value)
    {
        try
        {
            return Regex.Escape(Regex.Unescape(value)) == value || !value.AsSpan().ContainsAny("\\*+?|{}[]()^$.# ");
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static Regex? Pattern(string pattern, RegexOptions options, string rule, List<PolicyFault> faults)
    {
        try
        {
            return new Regex(pattern, options | RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, s_patternTime);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            faults.Add(new PolicyFault(0, 0, $"'{rule}': the pattern '{pattern}' cannot be used: {e.Message}") { Rule = rule });
            return null;
        }
    }

    // What a policy does not use is left out, so that a new word of the vocabulary does not change the hash of old policies.
    private static string ComputeHash(RedactionPolicy policy)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Add(string text)
        {
            // Length first: no two policies may run together to the same bytes.
            sha.AppendData(Encoding.UTF8.GetBytes(text.Length + ":" + text + "\n"));
        }

        void AddAll(string name, IReadOnlyList<string> texts)
        {
            Add(name + texts.Count);
            foreach (var text in texts)
            {
                Add(text);
            }
        }

        Add(policy.Name);
        AddAll("ignored", policy.IgnoredKeys);
        foreach (var rule in policy.BlockedKeyPatterns)
        {
            Add("key");
            Add(rule.Rule);
            Add(rule.Action.ToString());
            Add(rule.Anywhere ? "anywhere" : "suffix");
            AddAll("keys", rule.Keys);
            AddAll("patterns", rule.Patterns);
        }

        foreach (var rule in policy.BlockedValues)
        {
            Add("value");
            Add(rule.Rule);
            Add(rule.Action.ToString());
            Add(rule.Class.ToString());
            Add(rule.Pattern ?? "");
            Add(rule.HighEntropy ? "high" : "low");
        }

        AddAll("allowed", policy.AllowedValues);
        if (!policy.AllowAllKeys)
        {
            AddAll("keys", policy.AllowedKeys);
        }

        if (policy.IgnoredKeyPatterns.Count > 0)
        {
            AddAll("ignored patterns", policy.IgnoredKeyPatterns);
        }

        if (policy.Summary != RedactionSummary.Silent)
        {
            Add(policy.Summary.ToString());
        }

        if (policy.UrlSanitizer is { } url)
        {
            AddAll("urls", url.Attributes);
            Add(url.SpanName ? "names" : "no names");
            Add(url.Query.ToString());
        }

        if (policy.DbSanitizer is { } db)
        {
            AddAll("statements", db.Attributes);
        }

        return Convert.ToHexStringLower(sha.GetHashAndReset());
    }
}
