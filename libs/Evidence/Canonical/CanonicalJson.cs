using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace StellaOps.Telemetry.Evidence.Canonical;

/// <summary>JSON Canonicalization Scheme (https://www.rfc-editor.org/rfc/rfc8785): one value, one sequence of bytes.</summary>
public static class CanonicalJson
{
    private const int MaxDepth = 64;

    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false, MaxDepth = MaxDepth };

    /// <summary>The canonical form of a JSON text.</summary>
    /// <exception cref="JsonException">Not JSON, a property stands twice, a string is not Unicode, or a number is not a finite double.</exception>
    public static byte[] Canonicalize(ReadOnlyMemory<byte> utf8Json)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8Json, s_strict);
            return Canonicalize(document.RootElement);
        }
        catch (InvalidOperationException e)
        {
            // The parser's way to say that a property's name is no Unicode, met while it looks for duplicates.
            throw new JsonException("a property's name is not valid Unicode", e);
        }
    }

    /// <inheritdoc cref="Canonicalize(ReadOnlyMemory{byte})"/>
    public static byte[] Canonicalize(JsonElement element)
    {
        var output = new ArrayBufferWriter<byte>();
        Write(element, output);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Serializes a value in canonical form.</summary>
    public static byte[] Serialize<T>(T value, JsonTypeInfo<T> type) => Canonicalize(JsonSerializer.SerializeToUtf8Bytes(value, type));

    /// <summary>Whether the text is JSON in canonical form, to the byte.</summary>
    public static bool IsCanonical(ReadOnlyMemory<byte> utf8Json)
    {
        try
        {
            return Canonicalize(utf8Json).AsSpan().SequenceEqual(utf8Json.Span);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>A finite double as ECMAScript's <c>Number.prototype.toString</c> writes it.</summary>
    public static string FormatNumber(double value)
    {
        if (!double.IsFinite(value))
        {
            throw new JsonException("a number is not a finite double");
        }

        if (value == 0)
        {
            return "0";
        }

        // .NET's "R" has the shortest digits that read back the same, which are ECMAScript's; only their layout differs: 1E+21, 1.5E-07.
        var text = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        var exponentAt = text.IndexOf('E');
        var exponent = exponentAt < 0 ? 0 : int.Parse(text.AsSpan(exponentAt + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var mantissa = exponentAt < 0 ? text : text[..exponentAt];
        var pointAt = mantissa.IndexOf('.');
        var whole = pointAt < 0 ? mantissa : mantissa[..pointAt];
        var digits = pointAt < 0 ? mantissa : whole + mantissa[(pointAt + 1)..];
        var point = whole.Length + exponent;
        var leading = digits.Length - digits.TrimStart('0').Length;
        digits = digits.Trim('0');
        point -= leading;
        return (value < 0 ? "-" : "") + Layout(digits, point);
    }

    /// <summary>Lays out <c>0.digits * 10^point</c>.</summary>
    private static string Layout(string digits, int point)
    {
        if (point is > 0 and <= 21)
        {
            return digits.Length <= point
                ? digits + new string('0', point - digits.Length)
                : digits[..point] + "." + digits[point..];
        }

        if (point is > -6 and <= 0)
        {
            return "0." + new string('0', -point) + digits;
        }

        var e = point - 1;
        var mantissa = digits.Length == 1 ? digits : digits[..1] + "." + digits[1..];
        return string.Create(CultureInfo.InvariantCulture, $"{mantissa}e{(e < 0 ? "-" : "+")}{Math.Abs(e)}");
    }

    private static void Write(JsonElement element, ArrayBufferWriter<byte> output)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                output.Write("{"u8);
                var first = true;
                foreach (var property in element.EnumerateObject().OrderBy(Name, StringComparer.Ordinal))
                {
                    output.Write(first ? ""u8 : ","u8);
                    first = false;
                    WriteString(Name(property), output);
                    output.Write(":"u8);
                    Write(property.Value, output);
                }

                output.Write("}"u8);
                break;
            case JsonValueKind.Array:
                output.Write("["u8);
                for (var i = 0; i < element.GetArrayLength(); i++)
                {
                    output.Write(i == 0 ? ""u8 : ","u8);
                    Write(element[i], output);
                }

                output.Write("]"u8);
                break;
            case JsonValueKind.String:
                WriteString(Text(element), output);
                break;
            case JsonValueKind.Number:
                output.Write(Encoding.ASCII.GetBytes(FormatNumber(element.GetDouble())));
                break;
            case JsonValueKind.True:
                output.Write("true"u8);
                break;
            case JsonValueKind.False:
                output.Write("false"u8);
                break;
            case JsonValueKind.Null:
                output.Write("null"u8);
                break;
            default:
                throw new JsonException($"{element.ValueKind} has no canonical form");
        }
    }

    private static string Name(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("a property's name is not valid Unicode", e);
        }
    }

    private static string Text(JsonElement element)
    {
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("a string is not valid Unicode", e);
        }
    }

    private static void WriteString(string text, ArrayBufferWriter<byte> output)
    {
        var escaped = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => escaped.Append("\\\""),
                '\\' => escaped.Append(@"\\"),
                '\b' => escaped.Append(@"\b"),
                '\f' => escaped.Append(@"\f"),
                '\n' => escaped.Append(@"\n"),
                '\r' => escaped.Append(@"\r"),
                '\t' => escaped.Append(@"\t"),
                < ' ' => escaped.Append(CultureInfo.InvariantCulture, $@"\u{(int)c:x4}"),
                _ => escaped.Append(c),
            };
        }

        output.Write(Encoding.UTF8.GetBytes(escaped.Append('"').ToString()));
    }
}
