using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using StellaOps.Telemetry.Otlp;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace StellaOps.Telemetry.Redaction.Fixtures;

/// <summary>Reads case files: YAML, of which JSON is a part; one document per case. A document that is an OTLP/JSON request is a case without expectation.</summary>
public static class RedactionFixtureReader
{
    private const string DefaultKey = "0123456789abcdef0123456789abcdef";

    /// <summary>Reads all cases of a file; throws <see cref="FormatException"/> with the line where one is wrong.</summary>
    public static IReadOnlyList<RedactionFixture> Read(TextReader reader, string name)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var stream = new YamlStream();
        try
        {
            stream.Load(reader);
        }
        catch (YamlException e)
        {
            throw new FormatException($"{name}:{e.Start.Line}: neither YAML nor JSON: {e.Message}", e);
        }

        return [.. stream.Documents.Select((document, i) => Case(document.RootNode, stream.Documents.Count == 1 ? name : $"{name}#{i + 1}"))];
    }

    private static RedactionFixture Case(YamlNode root, string name)
    {
        if (root is not YamlMappingNode map)
        {
            throw Wrong(root, name, "a case is a mapping");
        }

        if (Sample(map) is { } sample)
        {
            return new RedactionFixture { Name = name, Signal = sample, Secrets = SecretsOf(DefaultKey), Input = Request(map, sample, name) };
        }

        var known = (string[])["case", "why", "signal", "tenant", "hmac_key", "policy", "refused", "input", "expected", "counts"];
        foreach (var key in map.Children.Keys)
        {
            if (key is not YamlScalarNode { Value: { } text } || !known.Contains(text))
            {
                throw Wrong(key, name, $"'{key}' is not known here; known are: {string.Join(", ", known)}");
            }
        }

        name = Text(map, "case") ?? name;
        var signal = Text(map, "signal") switch
        {
            null or "traces" => OtlpSignal.Traces,
            "metrics" => OtlpSignal.Metrics,
            "logs" => OtlpSignal.Logs,
            var other => throw Wrong(map, name, $"'signal' must be traces, metrics or logs, not '{other}'"),
        };
        var faults = new List<PolicyFault>();
        var policy = Find(map, "policy") is { } spec ? RedactionPolicyLoader.LoadSpec(spec, "case", faults) : null;
        var input = Find(map, "input");
        var expected = Find(map, "expected");
        return new RedactionFixture
        {
            Name = name,
            Why = Text(map, "why") ?? "",
            Signal = signal,
            Tenant = Text(map, "tenant") ?? "acme",
            Secrets = SecretsOf(Text(map, "hmac_key") ?? DefaultKey),
            Policy = policy,
            PolicyFaults = faults,
            IsRefused = Text(map, "refused") == "true",
            Input = input is null ? default : Request(input, signal, name),
            Expected = expected switch
            {
                null => null,
                YamlScalarNode { Value: "unchanged" } when input is not null => Request(input, signal, name),
                _ => Request(expected, signal, name),
            },
            Counts = Find(map, "counts") is YamlMappingNode counts ? Counts(counts, name) : null,
        };
    }

    private static OtlpSignal? Sample(YamlMappingNode map) =>
        Find(map, "resourceSpans") is not null ? OtlpSignal.Traces
        : Find(map, "resourceMetrics") is not null ? OtlpSignal.Metrics
        : Find(map, "resourceLogs") is not null ? OtlpSignal.Logs
        : null;

    private static Dictionary<string, long> Counts(YamlMappingNode map, string name)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (key, value) in map.Children)
        {
            counts[key.ToString()] = long.TryParse(value.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                ? count
                : throw Wrong(value, name, "a count is a whole number");
        }

        return counts;
    }

    private static RedactionSecrets SecretsOf(string key) => new(Encoding.UTF8.GetBytes(key));

    private static byte[] Request(YamlNode node, OtlpSignal signal, string name)
    {
        var json = Encoding.UTF8.GetBytes(ToJson(node)?.ToJsonString() ?? "null");
        var output = new ArrayBufferWriter<byte>();
        return OtlpJson.TryToProtobuf(signal, json, OtlpLimits.Default, output, out var error)
            ? output.WrittenSpan.ToArray()
            : throw Wrong(node, name, "not an OTLP/JSON request: " + error);
    }

    private static JsonNode? ToJson(YamlNode node)
    {
        switch (node)
        {
            case YamlMappingNode map:
                var members = new JsonObject();
                foreach (var (key, value) in map.Children)
                {
                    members[key.ToString()] = ToJson(value);
                }

                return members;
            case YamlSequenceNode list:
                return new JsonArray([.. list.Children.Select(ToJson)]);
            case YamlScalarNode { Style: ScalarStyle.Plain } plain:
                return Plain(plain.Value ?? "");
            default:
                return JsonValue.Create(((YamlScalarNode)node).Value);
        }
    }

    // The plain scalars of JSON mean what they mean there; every other plain word is a text.
    private static JsonNode? Plain(string text) => text switch
    {
        "" or "null" => null,
        "true" => JsonValue.Create(true),
        "false" => JsonValue.Create(false),
        _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => JsonValue.Create(whole),
        _ when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real) => JsonValue.Create(real),
        _ => JsonValue.Create(text),
    };

    private static string? Text(YamlMappingNode map, string key) => (Find(map, key) as YamlScalarNode)?.Value;

    private static YamlNode? Find(YamlMappingNode map, string key) => map.Children.TryGetValue(new YamlScalarNode(key), out var node) ? node : null;

    private static FormatException Wrong(YamlNode node, string name, string message) => new($"{name}:{node.Start.Line}: {message}");
}
