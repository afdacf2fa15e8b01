using System.Text.Json.Nodes;
using StellaOps.Telemetry.Profiles.Notifying;
using StellaOps.Telemetry.Profiles.Tests.TestServices;
using StellaOps.Telemetry.Profiles.Validation;

namespace StellaOps.Telemetry.Profiles.Tests.Schema;

/// <summary>What an editor is told of notifications is what their loader takes.</summary>
public sealed class NotificationsSchemaTests
{
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
        var document = JsonWalk.WithUnknown(YamlJson.Parse(s_shipped), path);

        Assert.False(_schema.Accepts(document));
        Assert.Single(Judge(document), f => f.Problem == "unknown key" && f.Path.EndsWith(JsonWalk.Unknown, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{ "zz": 1 }""")]
    [InlineData("[[1]]")]
    [InlineData("\"\"")]
    public void EveryValue_ReplacedByNonsense_IsRefusedByBoth(string nonsense)
    {
        foreach (var (path, document) in JsonWalk.Replaced(YamlJson.Parse(s_shipped), nonsense))
        {
            Assert.False(_schema.Accepts(document), $"the schema takes {nonsense} at {path}");
            Assert.NotEmpty(Judge(document));
        }
    }

    private static IReadOnlyList<ProfileFault> Judge(JsonObject document) => NotifyLoader.Load(new StringReader(document.ToJsonString()), "/etc/x/notify.yaml").Faults;
}
