using System.Text.Json;
using StellaOps.Telemetry.Redaction;
using StellaOps.Telemetry.Redaction.Fixtures;

namespace StellaOps.Telemetry.Profiles.Tests.TestServices;

/// <summary>What the gateway itself makes of an attribute.</summary>
internal static class GatewayRedaction
{
    public static bool Finds(KeyRule rule, string key) => Changes(new RedactionPolicy { Name = "keys", BlockedKeyPatterns = [rule] }, key, "x");

    public static bool Finds(ValueRule rule, string value) => Changes(new RedactionPolicy { Name = "values", BlockedValues = [rule] }, "k", value);

    private static bool Changes(RedactionPolicy policy, string key, string value)
    {
        var attribute = $$"""{ "key": {{JsonSerializer.Serialize(key)}}, "value": { "stringValue": {{JsonSerializer.Serialize(value)}} } }""";
        var request = $$"""{ "resourceSpans": [{ "scopeSpans": [{ "spans": [{ "attributes": [{{attribute}}] }] }] }] }""";
        var result = RedactionFixtureRunner.Run(RedactionFixtureReader.Read(new StringReader(request), "sample.json")[0], policy);
        Assert.Empty(result.Failures);
        return result.Changes.Count > 0;
    }
}
