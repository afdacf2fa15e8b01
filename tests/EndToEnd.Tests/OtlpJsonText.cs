using System.Text;
using System.Text.Json.Nodes;
using Google.Protobuf;

namespace StellaOps.Telemetry.EndToEnd.Tests;

/// <summary>OTLP/JSON from generated types: protobuf's JSON, but enums as numbers and ids in hex.</summary>
internal static class OtlpJsonText
{
    private static readonly JsonFormatter s_formatter = new(JsonFormatter.Settings.Default.WithFormatEnumsAsIntegers(true));

    public static byte[] Of(IMessage request)
    {
        var json = JsonNode.Parse(s_formatter.Format(request))!;
        UseHexIds(json);
        return Encoding.UTF8.GetBytes(json.ToJsonString());
    }

    private static void UseHexIds(JsonNode? node)
    {
        switch (node)
        {
            case JsonArray array:
                foreach (var item in array)
                {
                    UseHexIds(item);
                }

                break;
            case JsonObject fields:
                foreach (var (name, value) in fields.ToList())
                {
                    if (name is "traceId" or "spanId" or "parentSpanId")
                    {
                        fields[name] = Convert.ToHexStringLower(Convert.FromBase64String(value!.GetValue<string>()));
                    }
                    else
                    {
                        UseHexIds(value);
                    }
                }

                break;
        }
    }
}
