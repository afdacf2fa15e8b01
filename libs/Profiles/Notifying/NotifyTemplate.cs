using System.Diagnostics.CodeAnalysis;
using StellaOps.Telemetry.Profiles.Loading;

namespace StellaOps.Telemetry.Profiles.Notifying;

/// <summary>
/// A text with placeholders: <c>${reason}</c> is a value, <c>$$</c> a dollar sign. There is nothing else: no expressions, no loops, so a
/// template costs no more than its length.
/// </summary>
public sealed class NotifyTemplate
{
    /// <summary>The longest template, in characters.</summary>
    public const int MaxLength = 4096;

    private static readonly IReadOnlyList<string> s_placeholders =
    [
        "action", "active_until", "actor", "detail", "ended_at", "event", "expires_at", "id", "opened_by", "reason", "services", "severity", "started_at", "state", "tenant",
        "version",
    ];

    private static readonly PlaceholderRules s_rules = new(MaxLength, "${name}", string.Join(", ", s_placeholders), s_placeholders.Contains);

    private readonly PlaceholderText _text;

    private NotifyTemplate(string source, PlaceholderText text) => (Source, _text) = (source, text);

    /// <summary>What may stand between the braces.</summary>
    public static IReadOnlyList<string> Placeholders => s_placeholders;

    /// <summary>As it was written.</summary>
    public string Source { get; }

    /// <summary>Compiles a template; false, with what is wrong, when it is none.</summary>
    public static bool TryParse(string source, [NotNullWhen(true)] out NotifyTemplate? template, [NotNullWhen(false)] out string? problem)
    {
        if (PlaceholderText.TryParse(source, s_rules, out var text, out problem))
        {
            template = new NotifyTemplate(source, text);
            return true;
        }

        template = null;
        return false;
    }

    /// <summary>Fills it in. A value that looks like a placeholder stays what it is.</summary>
    public string Render(Func<string, string> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return _text.Render(value);
    }
}
