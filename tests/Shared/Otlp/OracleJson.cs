using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using StellaOps.Telemetry.Otlp;

namespace StellaOps.Telemetry.Tests.Shared.Otlp;

/// <summary>
/// OTLP/JSON said with protobuf's own JSON, from which it departs in that ids are hex
/// (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding).
/// </summary>
public static class OracleJson
{
    private static readonly JsonParser s_parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true).WithRecursionLimit(200));

    /// <summary>A request as OTLP/JSON.</summary>
    public static JsonNode Write(IMessage request, bool enumsAsNumbers)
    {
        var formatter = new JsonFormatter(JsonFormatter.Settings.Default.WithFormatEnumsAsIntegers(enumsAsNumbers));
        var node = JsonNode.Parse(formatter.Format(request))!;
        Visit(node, (text, isId) => isId ? Convert.ToHexStringLower(Convert.FromBase64String(text.GetValue<string>())) : text);
        return node;
    }

    /// <summary>The request that an OTLP/JSON text is, or null where it is none to protobuf's parser.</summary>
    public static IMessage? Read(OtlpSignal signal, string json)
    {
        try
        {
            var node = JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { MaxDepth = 512 })!;

            // Protobuf's parser reads numbers through doubles, but texts of numbers as they are.
            Visit(node, (value, isId) => isId
                ? Convert.ToBase64String(Convert.FromHexString(value.GetValue<string>()))
                : value.GetValueKind() == JsonValueKind.Number && !IsEnum(value) ? value.ToJsonString() : value);
            return s_parser.Parse(node.ToJsonString(), DescriptorOtlp.RequestOf(signal));
        }
        catch (Exception e) when (e is JsonException or InvalidProtocolBufferException or FormatException or InvalidOperationException or ArgumentException or OverflowException)
        {
            return null;
        }
    }

    private static bool IsEnum(JsonValue value) => value.Parent is JsonObject && value.GetPropertyName() is "kind" or "code" or "severityNumber" or "aggregationTemporality";

    private static void Visit(JsonNode? node, Func<JsonValue, bool, JsonNode?> change)
    {
        if (node is JsonArray array)
        {
            for (var i = 0; i < array.Count; i++)
            {
                if (array[i] is JsonValue value)
                {
                    Replace(value, isId: false, changed => array[i] = changed);
                }
                else
                {
                    Visit(array[i], change);
                }
            }
        }
        else if (node is JsonObject item)
        {
            foreach (var (key, child) in item.ToList())
            {
                if (child is JsonValue value)
                {
                    Replace(value, key is "traceId" or "spanId" or "parentSpanId", changed => item[key] = changed);
                }
                else
                {
                    Visit(child, change);
                }
            }
        }

        void Replace(JsonValue value, bool isId, Action<JsonNode?> set)
        {
            var changed = change(value, isId);
            if (!ReferenceEquals(changed, value))
            {
                set(changed);
            }
        }
    }
}
