using System.Collections;
using System.Globalization;
using System.Text;

namespace StellaOps.Telemetry.Profiles.Rendering.Yaml;

/// <summary>
/// Writes YAML whose every byte is decided here: block style, two blanks, LF. An emitter of a package may lay out otherwise in its next version,
/// and a digest that is signed must not change with it. A text that any reader of YAML 1.1 or 1.2 could take for something else is quoted.
/// </summary>
internal sealed class YamlWriter
{
    private static readonly string[] s_words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];

    private readonly StringBuilder _text = new();
    private readonly Func<string, string> _prepare;

    private YamlWriter(Func<string, string> prepare)
    {
        _prepare = prepare;
    }

    /// <summary>One document.</summary>
    /// <param name="comments">Lines above it.</param>
    /// <param name="prepare">What becomes of every text and key before it is quoted: readers that expand variables need theirs escaped.</param>
    public static string Write(YamlMap root, IEnumerable<string> comments, Func<string, string>? prepare = null)
    {
        var writer = new YamlWriter(prepare ?? (text => text));
        foreach (var comment in comments)
        {
            writer._text.Append("# ").Append(comment).Append('\n');
        }

        writer.Map(root, 0);
        return writer._text.ToString();
    }

    private void Map(YamlMap map, int depth)
    {
        var isFirst = true;
        foreach (var (key, value) in map)
        {
            // The first key of a mapping in a list stands behind the dash.
            if (!isFirst || _text.Length == 0 || _text[^1] == '\n')
            {
                Indent(depth);
            }

            isFirst = false;
            _text.Append(Text(key)).Append(':');
            Value(value, depth);
        }
    }

    private void Value(object value, int depth)
    {
        switch (value)
        {
            case YamlMap { Count: > 0 } map:
                _text.Append('\n');
                Map(map, depth + 1);
                break;
            case string or bool or int or long or double:
                _text.Append(' ').Append(Scalar(value)).Append('\n');
                break;
            case YamlMap:
                _text.Append(" {}\n");
                break;
            case IEnumerable list:
                List([.. list.Cast<object>()], depth);
                break;
            default:
                throw new ArgumentException($"{value.GetType().Name} has no form in YAML", nameof(value));
        }
    }

    private void List(IReadOnlyList<object> list, int depth)
    {
        _text.Append(list.Count == 0 ? " []\n" : "\n");
        foreach (var item in list)
        {
            Indent(depth + 1);
            _text.Append("- ");
            if (item is YamlMap { Count: > 0 } map)
            {
                Map(map, depth + 2);
            }
            else
            {
                _text.Append(item is YamlMap ? "{}" : Scalar(item)).Append('\n');
            }
        }
    }

    private void Indent(int depth) => _text.Append(' ', depth * 2);

    private string Scalar(object value) => value switch
    {
        string text => Text(text),
        bool flag => flag ? "true" : "false",
        int number => number.ToString(CultureInfo.InvariantCulture),
        long number => number.ToString(CultureInfo.InvariantCulture),
        double number => number.ToString("0.0################", CultureInfo.InvariantCulture),
        _ => throw new ArgumentException($"{value.GetType().Name} has no form in YAML", nameof(value)),
    };

    private string Text(string text)
    {
        text = _prepare(text);
        return IsPlain(text) ? text : Quoted(text);
    }

    private static bool IsPlain(string text) =>
        text.Length > 0
        && (char.IsAsciiLetter(text[0]) || text[0] == '/')
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/')
        && !s_words.Contains(text, StringComparer.OrdinalIgnoreCase);

    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append("\\\\"),
                '\n' => quoted.Append("\\n"),
                '\r' => quoted.Append("\\r"),
                '\t' => quoted.Append("\\t"),
                // What a reader may take for a line's end, a mark, or nothing.
                < ' ' or (>= '\u007f' and <= '\u00a0') or '\u2028' or '\u2029' or '\ufeff' => quoted.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture)),
                _ => quoted.Append(c),
            };
        }

        return quoted.Append('"').ToString();
    }
}
