using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace StellaOps.Telemetry.Profiles.Loading;

/// <summary>
/// A text with placeholders: <c>${reason}</c> is a value, <c>$$</c> a dollar sign. There is nothing else: no expressions, no loops, so it costs
/// no more than its length.
/// </summary>
internal sealed class PlaceholderText
{
    // A text, then a placeholder (null at the end), and so on.
    private readonly IReadOnlyList<(string Text, string? Placeholder)> _parts;

    private PlaceholderText(IReadOnlyList<(string Text, string? Placeholder)> parts) => _parts = parts;

    /// <summary>False, with what is wrong, when it is none.</summary>
    public static bool TryParse(string source, PlaceholderRules rules, [NotNullWhen(true)] out PlaceholderText? result, [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(source);
        (result, problem) = (null, source.Length == 0 || source.Length > rules.MaxLength ? $"a template has 1 to {rules.MaxLength} characters" : null);
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
                    problem = rules.IsKnown(name) ? null : $"'${{{name}}}' is no placeholder; there are {rules.Known}";
                    parts.Add((text.ToString(), name));
                    text.Clear();
                    at = end + 1;
                    break;
                default:
                    problem = $"a '$' that begins no placeholder; write '{rules.Example}', or '$$' for a dollar sign";
                    break;
            }
        }

        if (problem is not null)
        {
            return false;
        }

        parts.Add((text.ToString(), null));
        result = new PlaceholderText(parts);
        return true;
    }

    /// <summary>Fills it in. A value that looks like a placeholder stays what it is; null is nothing.</summary>
    public string Render(Func<string, string?> value)
    {
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
