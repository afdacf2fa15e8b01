using System.Diagnostics.CodeAnalysis;
using StellaOps.Telemetry.Profiles.Loading;

namespace StellaOps.Telemetry.Profiles.Hooks;

/// <summary>
/// The reason of an incident with placeholders: <c>${label.service}</c> and <c>${annotation.summary}</c> are what the report says of them,
/// empty when it says nothing, <c>${rule}</c> and <c>${reason}</c> the rule's name and the report's own reason, <c>$$</c> a dollar sign. There
/// is nothing else: no expressions, so a template costs no more than its length.
/// </summary>
public sealed class HookTemplate
{
    /// <summary>The longest template, in characters.</summary>
    public const int MaxLength = 500;

    private const string Label = "label.";
    private const string Annotation = "annotation.";

    private static readonly PlaceholderRules s_rules = new(MaxLength, "${label.NAME}", "${label.NAME}, ${annotation.NAME}, ${rule} and ${reason}", IsPlaceholder);

    private readonly PlaceholderText _text;

    private HookTemplate(PlaceholderText text) => _text = text;

    /// <summary>Reads a template; false, with what is wrong, when it is none.</summary>
    public static bool TryParse(string source, [NotNullWhen(true)] out HookTemplate? template, [NotNullWhen(false)] out string? problem)
    {
        if (PlaceholderText.TryParse(source, s_rules, out var text, out problem))
        {
            template = new HookTemplate(text);
            return true;
        }

        template = null;
        return false;
    }

    /// <summary>Fills it in. A value that looks like a placeholder stays what it is.</summary>
    public string Render(string rule, string reason, IReadOnlyDictionary<string, string> labels, IReadOnlyDictionary<string, string> annotations) => _text.Render(placeholder => placeholder switch
    {
        "rule" => rule,
        "reason" => reason,
        _ when placeholder.StartsWith(Label, StringComparison.Ordinal) => labels.GetValueOrDefault(placeholder[Label.Length..]),
        _ => annotations.GetValueOrDefault(placeholder[Annotation.Length..]),
    });

    private static bool IsPlaceholder(string name) => name is "rule" or "reason" || IsNamed(name, Label) || IsNamed(name, Annotation);

    private static bool IsNamed(string name, string prefix) => name.Length > prefix.Length && name.StartsWith(prefix, StringComparison.Ordinal);
}
