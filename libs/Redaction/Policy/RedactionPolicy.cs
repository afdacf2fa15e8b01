namespace StellaOps.Telemetry.Redaction;

/// <summary>A redaction policy as its document states it (docs/redaction.md).</summary>
public sealed record RedactionPolicy
{
    /// <summary>Name of the policy.</summary>
    public required string Name { get; init; }

    /// <summary>False: attributes whose keys <see cref="AllowedKeys"/> does not name go.</summary>
    public bool AllowAllKeys { get; init; } = true;

    /// <summary>Keys, compared without case, that stay where not all may.</summary>
    public IReadOnlyList<string> AllowedKeys { get; init; } = [];

    /// <summary>Keys, compared without case, whose values no rule looks at.</summary>
    public IReadOnlyList<string> IgnoredKeys { get; init; } = [];

    /// <summary>Regular expressions, without case, over keys whose values no rule looks at.</summary>
    public IReadOnlyList<string> IgnoredKeyPatterns { get; init; } = [];

    /// <summary>Rules by key; the first that matches acts.</summary>
    public IReadOnlyList<KeyRule> BlockedKeyPatterns { get; init; } = [];

    /// <summary>Rules by value.</summary>
    public IReadOnlyList<ValueRule> BlockedValues { get; init; } = [];

    /// <summary>Regular expressions of matches that stay; each must match the whole of what a value rule found.</summary>
    public IReadOnlyList<string> AllowedValues { get; init; } = [];

    /// <summary>What a record says of its own redaction.</summary>
    public RedactionSummary Summary { get; init; }

    /// <summary>What happens to URLs; null where nothing.</summary>
    public UrlSanitizer? UrlSanitizer { get; init; }

    /// <summary>What happens to database statements; null where nothing.</summary>
    public DbSanitizer? DbSanitizer { get; init; }
}

/// <summary>A rule that acts on the whole value of a key.</summary>
/// <param name="Rule">Name of the rule, a metric label.</param>
/// <param name="Action">What it does.</param>
/// <param name="Keys">Names: a key matches that ends in these words, whatever separates them.</param>
/// <param name="Anywhere">The names match inside a key, too, even without word borders.</param>
/// <param name="Patterns">Regular expressions over the key, without case.</param>
public sealed record KeyRule(string Rule, RedactionAction Action, IReadOnlyList<string> Keys, bool Anywhere, IReadOnlyList<string> Patterns);

/// <summary>A rule that acts on what it finds inside values.</summary>
/// <param name="Rule">Name of the rule, a metric label, and the mark it leaves.</param>
/// <param name="Action">What it does.</param>
/// <param name="Class">Built-in class, or <see cref="ValueClass.Pattern"/>.</param>
/// <param name="Pattern">The regular expression of a pattern rule.</param>
/// <param name="HighEntropy">The author states that what the pattern finds cannot be guessed; needed for <see cref="RedactionAction.Hash"/>.</param>
public sealed record ValueRule(string Rule, RedactionAction Action, ValueClass Class, string? Pattern = null, bool HighEntropy = false);

/// <summary>Takes ids, user information and queries out of URLs.</summary>
/// <param name="Attributes">Keys, compared without case, whose values are URLs or paths.</param>
/// <param name="SpanName">Paths in span names, too.</param>
/// <param name="Query">What becomes of queries.</param>
public sealed record UrlSanitizer(IReadOnlyList<string> Attributes, bool SpanName, UrlQuery Query);

/// <summary>Replaces literals in SQL.</summary>
/// <param name="Attributes">Keys, compared without case, whose values are statements.</param>
public sealed record DbSanitizer(IReadOnlyList<string> Attributes);

/// <summary>What becomes of a URL's query.</summary>
public enum UrlQuery
{
    /// <summary>It goes.</summary>
    Strip,

    /// <summary>Names stay, values become <c>*</c>.</summary>
    Mask,

    /// <summary>It stays, for the value rules to look at.</summary>
    Keep,
}

/// <summary>What a record says of its own redaction, as the Collector's redaction processor does.</summary>
public enum RedactionSummary
{
    /// <summary>Nothing.</summary>
    Silent,

    /// <summary>How many values were masked and how many attributes taken away.</summary>
    Info,

    /// <summary>Their keys, too.</summary>
    Debug,
}
