using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace StellaOps.Telemetry.Otlp.FuzzTests.Mutation;

/// <summary>Writes OTLP/JSON in one of the many ways that mean the same: blanks, escapes, order, texts for numbers, keys of a later specification.</summary>
internal static class JsonRestyler
{
    private static readonly string[] s_blanks = ["", "", "", " ", "\n", "\t ", "\r\n"];
    private static readonly string[] s_unknown = ["null", "[1,{\"a\":[null]}]", "{\"spans\":[]}", "\"x\"", "-1.5e3", "true"];

    public static string Write(JsonNode node, Random random)
    {
        var text = new StringBuilder();
        Write(text, node, "", random);
        return text.ToString();
    }

    private static void Write(StringBuilder text, JsonNode? node, string key, Random random)
    {
        text.Append(Pick(s_blanks, random));
        switch (node)
        {
            case JsonObject item:
                WriteObject(text, item, random);
                break;
            case JsonArray array:
                text.Append('[');
                for (var i = 0; i < array.Count; i++)
                {
                    text.Append(i == 0 ? "" : ",");
                    Write(text, array[i], key, random);
                }

                text.Append(']');
                break;
            default:
                WriteValue(text, node!.AsValue(), key, random);
                break;
        }

        text.Append(Pick(s_blanks, random));
    }

    private static void WriteObject(StringBuilder text, JsonObject item, Random random)
    {
        var properties = item.ToArray();
        if (random.Next(3) == 0)
        {
            random.Shuffle(properties);
        }

        text.Append('{');
        var isFirst = true;
        if (random.Next(12) == 0)
        {
            text.Append("\"later").Append(random.Next(9)).Append("\":").Append(Pick(s_unknown, random));
            isFirst = false;
        }

        foreach (var (key, child) in properties)
        {
            text.Append(isFirst ? "" : ",").Append(Pick(s_blanks, random));
            WriteText(text, key, random);
            text.Append(':');
            Write(text, child, key, random);
            isFirst = false;
        }

        text.Append('}');
    }

    private static void WriteValue(StringBuilder text, JsonValue value, string key, Random random)
    {
        var isStyled = random.Next(3) == 0;
        if (value.GetValueKind() == JsonValueKind.Number && isStyled && key is not ("kind" or "code" or "severityNumber" or "aggregationTemporality"))
        {
            text.Append('"').Append(value.ToJsonString()).Append('"');
        }
        else if (value.GetValueKind() != JsonValueKind.String)
        {
            text.Append(value.ToJsonString());
        }
        else
        {
            WriteString(text, value.GetValue<string>(), key, isStyled, random);
        }
    }

    private static void WriteString(StringBuilder text, string content, string key, bool isStyled, Random random)
    {
        switch (key)
        {
            case "timeUnixNano" or "startTimeUnixNano" or "endTimeUnixNano" or "observedTimeUnixNano" or "count" or "zeroCount" or "intValue" or "asInt" or "bucketCounts" when isStyled:
                text.Append(content).Append(Pick(["", "", ".0", "e0"], random));
                return;
            case "traceId" or "spanId" or "parentSpanId" when isStyled:
                content = content.ToUpperInvariant();
                break;
            case "bytesValue" when isStyled:
                content = content.Replace('+', '-').Replace('/', '_').TrimEnd('=');
                break;
        }

        WriteText(text, content, random);
    }

    private static void WriteText(StringBuilder text, string content, Random random)
    {
        text.Append('"');
        foreach (var unit in content)
        {
            if (unit is '"' or '\\' or < ' ' || (random.Next(40) == 0 && !char.IsSurrogate(unit)))
            {
                text.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}");
            }
            else
            {
                text.Append(unit);
            }
        }

        text.Append('"');
    }

    private static T Pick<T>(T[] items, Random random) => items[random.Next(items.Length)];
}
