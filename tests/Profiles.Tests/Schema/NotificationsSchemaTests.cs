using System.Text.Json.Nodes;
using StellaOps.Telemetry.Profiles.Notifying;
using StellaOps.Telemetry.Profiles.Tests.TestServices;
using StellaOps.Telemetry.Profiles.Validation;

namespace StellaOps.Telemetry.Profiles.Tests.Schema;

/// <summary>What an editor is told of notifications is what their loader takes.</summary>
public sealed class NotificationsSchemaTests
{
    private const string Unknown = "zz_unknown_key";

    private static readonly string s_shipped = File.ReadAllText(Path.Combine(Documents.Folder, "incident", "notify.yaml"));

    private readonly SchemaDocument _schema = SchemaDocument.Of("notifications");

    [Theory]
    [InlineData("")]
    [InlineData("/metadata")]
    [InlineData("/spec")]
    [InlineData("/spec/targets/0")]
    [InlineData("/spec/targets/0/webhook")]
    [InlineData("/spec/targets/1/slack")]
    [InlineData("/spec/targets/2/retry")]
    [InlineData("/spec/targets/2/escalate")]
    [InlineData("/spec/targets/2/smtp")]
    [InlineData("/spec/targets/3/pagerduty")]
    [InlineData("/spec/targets/4/alertmanager")]
    public void EveryObject_UnknownKey_IsRefusedByBoth(string path)
    {
        var document = YamlJson.Parse(s_shipped);
        JsonWalk.At(document, path).AsObject()[Unknown] = 1;

        Assert.False(_schema.Accepts(document));
        Assert.Single(Judge(document), f => f.Problem == "unknown key" && f.Path.EndsWith(Unknown, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{ "zz": 1 }""")]
    [InlineData("[[1]]")]
    [InlineData("\"\"")]
    public void EveryValue_ReplacedByNonsense_IsRefusedByBoth(string nonsense)
    {
        foreach (var (parent, key) in JsonWalk.Leaves(YamlJson.Parse(s_shipped)).ToList())
        {
            var document = YamlJson.Parse(s_shipped);
            if (JsonWalk.At(document, parent) is JsonArray list)
            {
                list[0] = JsonNode.Parse(nonsense);
            }
            else
            {
                JsonWalk.At(document, parent).AsObject()[key] = JsonNode.Parse(nonsense);
            }

            Assert.False(_schema.Accepts(document), $"the schema takes {nonsense} at {parent}/{key}");
            Assert.NotEmpty(Judge(document));
        }
    }

    private static IReadOnlyList<ProfileFault> Judge(JsonObject document) => NotifyLoader.Load(new StringReader(document.ToJsonString()), "/etc/x/notify.yaml").Faults;
}
