using StellaOps.Telemetry.Redaction;

namespace StellaOps.Telemetry.Profiles.Diffing;

/// <summary>All that a redaction rule says but its name.</summary>
internal static class RedactionWords
{
    public static string Of(KeyRule rule) =>
        $"{Words.Name(rule.Action)} keys {(rule.Anywhere ? "with" : "ending in")} {Words.List(rule.Keys.Concat(rule.Patterns.Select(p => $"/{p}/")).Order(StringComparer.Ordinal))}";

    public static string Of(ValueRule rule) => $"{Words.Name(rule.Action)} {Find(rule)}";

    /// <summary>What a rule looks for.</summary>
    public static string Find(ValueRule rule) => rule.Class == ValueClass.Pattern
        ? $"/{rule.Pattern}/{(rule.HighEntropy ? " of high entropy" : "")}"
        : $"class {ClassName(rule.Class)}";

    private static string ClassName(ValueClass value) => value == ValueClass.NationalId ? "national_id" : Words.Name(value);
}
