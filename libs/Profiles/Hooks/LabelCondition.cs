using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace StellaOps.Telemetry.Profiles.Hooks;

/// <summary>What a label has to be. One that is absent is empty, as in Prometheus.</summary>
public sealed class LabelCondition
{
    /// <summary>The longest pattern, in characters.</summary>
    public const int MaxPattern = 1000;

    private readonly string _value;
    private readonly Regex? _pattern;

    private LabelCondition(string label, string value, Regex? pattern) => (Label, _value, _pattern) = (label, value, pattern);

    /// <summary>Its name.</summary>
    public string Label { get; }

    /// <summary>The value is just this.</summary>
    public static LabelCondition Equal(string label, string value) => new(label, value, null);

    /// <summary>
    /// The whole value matches. Matching takes time linear in its input, whoever writes the input; false when the pattern is none, or none
    /// that can be matched so (look-around, back references).
    /// </summary>
    public static bool TryPattern(string label, string pattern, [NotNullWhen(true)] out LabelCondition? condition)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;
        condition = null;
        if (pattern.Length is 0 or > MaxPattern)
        {
            return false;
        }

        try
        {
            // Alone first: "a)(b" is a pattern only between brackets of ours.
            _ = new Regex(pattern, Options);
            condition = new LabelCondition(label, pattern, new Regex($@"\A(?:{pattern})\z", Options));
            return true;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return false;
        }
    }

    /// <summary>Whether these labels are so.</summary>
    public bool Holds(IReadOnlyDictionary<string, string> labels)
    {
        var value = labels.GetValueOrDefault(Label, "");
        return _pattern?.IsMatch(value) ?? value == _value;
    }
}
