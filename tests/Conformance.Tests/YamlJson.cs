using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace StellaOps.Telemetry.Conformance.Tests;

/// <summary>YAML of which JSON is a part, as JSON: quoted scalars are texts, plain ones what JSON would make of them.</summary>
internal static class YamlJson
{
    public static byte[] Of(YamlNode node)
    {
        var text = new StringBuilder();
        Write(node, text);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static void Write(YamlNode node, StringBuilder text)
    {
        switch (node)
        {
            case YamlMappingNode map:
                text.Append('{').AppendJoin(',', map.Select(e => $"\"{JavaScriptEncoder.Default.Encode(e.Key.ToString())}\":{Text(e.Value)}")).Append('}');
                break;
            case YamlSequenceNode list:
                text.Append('[').AppendJoin(',', list.Select(Text)).Append(']');
                break;
            case YamlScalarNode { Style: ScalarStyle.Plain } scalar:
                text.Append(scalar.Value);
                break;
            default:
                text.Append(JsonSerializer.Serialize(node.ToString()));
                break;
        }
    }

    private static string Text(YamlNode node)
    {
        var text = new StringBuilder();
        Write(node, text);
        return text.ToString();
    }
}
