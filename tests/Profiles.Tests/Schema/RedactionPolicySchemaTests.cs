using System.Text.Json.Nodes;
using StellaOps.Telemetry.Redaction;

namespace StellaOps.Telemetry.Profiles.Tests.Schema;

/// <summary>What an editor is told of redaction policies is what their loader takes.</summary>
public sealed class RedactionPolicySchemaTests
{
    private const string Full = """
        apiVersion: telemetry.stella-ops.org/v1
        kind: RedactionPolicy
        metadata: { name: full }
        spec:
          allow_all_keys: false
          allowed_keys: [a, b]
          ignored_keys: [c]
          ignored_key_patterns: ['^d']
          blocked_key_patterns:
            - { rule: secret, action: mask, keys: [password], anywhere: true, patterns: ['^pw'] }
            - '^e'
          blocked_values:
            - { rule: email, action: mask, class: email }
            - { rule: number, action: hash, pattern: 'N[0-9a-f]{64}', high_entropy: true }
            - 'F[0-9]+'
          allowed_values: ['::1']
          summary: info
          hash_function: hmac-sha256
          url_sanitizer: { enabled: true, attributes: [url.full], sanitize_span_name: false, query: mask }
          db_sanitizer: { sql: { enabled: true, attributes: [db.statement] } }
        """;

    private readonly SchemaDocument _schema = SchemaDocument.Of("redaction-policy");

    [Fact]
    public void FullPolicy_SchemaAndLoader_TakeIt()
    {
        Assert.Equal("", _schema.Errors(YamlJson.Parse(Full)));
        Assert.Empty(Judge(YamlJson.Parse(Full)));
    }

    [Fact]
    public void EveryObject_SchemaAndLoader_KnowTheSameKeys()
    {
        var visited = new HashSet<JsonObject>(ReferenceEqualityComparer.Instance);
        foreach (var (path, schema, _) in _schema.Objects(YamlJson.Parse(Full)))
        {
            visited.Add(schema);
            var document = JsonWalk.WithUnknown(YamlJson.Parse(Full), path);

            Assert.False(_schema.Accepts(document), $"the schema takes any key at '{path}'");
            var fault = Assert.Single(Judge(document), f => f.Message.StartsWith($"'{JsonWalk.Unknown}' is not known here", StringComparison.Ordinal));
            Assert.Equal(Ordered(schema["properties"]!.AsObject().Select(p => p.Key)), Ordered(fault.Message.Split("known are: ")[1].Split(", ")));
        }

        Assert.Empty(_schema.Schemas().Where(s => !visited.Contains(s)).Select(s => s.GetPath()));
    }

    [Theory]
    [InlineData("""{ "zz": 1 }""")]
    [InlineData("[[1]]")]
    [InlineData("\"\"")]
    public void EveryValue_ReplacedByNonsense_IsRefusedByBoth(string nonsense)
    {
        foreach (var (path, document) in JsonWalk.Replaced(YamlJson.Parse(Full), nonsense))
        {
            Assert.False(_schema.Accepts(document), $"the schema takes {nonsense} at {path}");
            Assert.NotEmpty(Judge(document));
        }
    }

    private static IReadOnlyList<PolicyFault> Judge(JsonObject document) => RedactionPolicyLoader.Judge(new StringReader(document.ToJsonString()));

    private static string Ordered(IEnumerable<string> keys) => string.Join(", ", keys.Order(StringComparer.Ordinal));
}
