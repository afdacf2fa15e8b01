namespace StellaOps.Telemetry.Redaction;

/// <summary>A redaction policy as its document states it (docs/redaction.md).</summary>
public sealed record RedactionPolicy
{
    /// <summary>Name of the policy.</summary>
    public required string Name { get; init; }

    /// <summary>Keys, compared without case, whose values no rule looks at.</summary>
    public IReadOnlyList<string> IgnoredKeys { get; init; } = [];

    /// <summary>Rules by key; the first that matches acts.</summary>
    public IReadOnlyList<KeyRule> BlockedKeyPatterns { get; init; } = [];

    /// <summary>Rules by value.</summary>
    public IReadOnlyList<ValueRule> BlockedValues { get; init; } = [];

    /// <summary>Regular expressions of matches that stay; each must match the whole of what a value rule found.</summary>
    public IReadOnlyList<string> AllowedValues { get; init; } = [];
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
