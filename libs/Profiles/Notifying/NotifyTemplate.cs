using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace StellaOps.Telemetry.Profiles.Notifying;

/// <summary>
/// A text with placeholders: <c>${reason}</c> is a value, <c>$$</c> a dollar sign. There is nothing else: no expressions, no loops, so a
/// template costs no more than its length.
/// </summary>
public sealed class NotifyTemplate
{
    /// <summary>The longest template, in characters.</summary>
    public const int MaxLength = 4096;

    // A text, then a placeholder (null at the end), and so on.
    private readonly IReadOnlyList<(string Text, string? Placeholder)> _parts;

    private NotifyTemplate(string source, IReadOnlyList<(string Text, string? Placeholder)> parts) => (Source, _parts) = (source, parts);

    /// <summary>What may stand between the braces.</summary>
    public static IReadOnlyList<string> Placeholders { get; } =
    [
        "action", "active_until", "actor", "detail", "ended_at", "event", "expires_at", "id", "opened_by", "reason", "services", "severity", "started_at", "state", "tenant",
        "version",
    ];

    /// <summary>As it was written.</summary>
    public string Source { get; }

    /// <summary>Compiles a template; false, with what is wrong, when it is none.</summary>
    public static bool TryParse(string source, [NotNullWhen(true)] out NotifyTemplate? template, [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(source);
        (template, problem) = (null, source.Length is 0 or > MaxLength ? $"a template has 1 to {MaxLength} characters" : null);
        var (parts, text, at) = (new List<(string, string?)>(), new StringBuilder(), 0);
        while (problem is null && at < source.Length)
        {
            var dollar = source.IndexOf('$', at);
            text.Append(source, at, (dollar < 0 ? source.Length : dollar) - at);
            if (dollar < 0)
            {
                break;
            }

            at = dollar + 2;
            switch (at <= source.Length ? source[dollar + 1] : '\0')
            {
                case '$':
                    text.Append('$');
                    break;
                case '{' when source.IndexOf('}', at) is > 0 and var end:
                    var name = source[at..end];
                    problem = Placeholders.Contains(name) ? null : $"'${{{name}}}' is no placeholder; there are {string.Join(", ", Placeholders)}";
                    parts.Add((text.ToString(), name));
                    text.Clear();
                    at = end + 1;
                    break;
                default:
                    problem = "a '$' that begins no placeholder; write '${name}', or '$$' for a dollar sign";
                    break;
            }
        }

        if (problem is not null)
        {
            return false;
        }

        parts.Add((text.ToString(), null));
        template = new NotifyTemplate(source, parts);
        return true;
    }

    /// <summary>Fills it in. A value that looks like a placeholder stays what it is.</summary>
    public string Render(Func<string, string> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var text = new StringBuilder();
        foreach (var (before, placeholder) in _parts)
        {
            text.Append(before);
            if (placeholder is not null)
            {
                text.Append(value(placeholder));
            }
        }

        return text.ToString();
    }
}
