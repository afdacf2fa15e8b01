using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Hooks.TestServices;

/// <summary>Messages as Alertmanager makes them.</summary>
internal static class Alerts
{
    public const string Path = "/api/v1/hooks/alertmanager";

    /// <param name="labels"><c>alertname=Slow,service=shop</c>.</param>
    /// <param name="firing">Which time it fires: each has another start.</param>
    public static JsonObject Firing(string labels, int firing = 0, string? summary = null) => Alert("firing", labels, firing, summary);

    public static JsonObject Resolved(string labels, int firing = 0) => Alert("resolved", labels, firing, null);

    public static JsonObject Message(params IEnumerable<JsonObject> alerts) => new()
    {
        ["receiver"] = "stella",
        ["status"] = "firing",
        ["alerts"] = new JsonArray([.. alerts]),
        ["groupLabels"] = new JsonObject(),
        ["commonLabels"] = new JsonObject(),
        ["commonAnnotations"] = new JsonObject(),
        ["externalURL"] = "http://alertmanager:9093",
        ["version"] = "4",
        ["groupKey"] = "{}:{}",
        ["truncatedAlerts"] = 0,
    };

    public static Task<HttpResponseMessage> PostAlertsAsync(this HttpClient client, params JsonObject[] alerts) => client.PostHookAsync(Message(alerts).ToJsonString());

    public static async Task<HttpResponseMessage> PostHookAsync(this HttpClient client, string body)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return await client.PostAsync(Path, content);
    }

    private static JsonObject Alert(string status, string labels, int firing, string? summary)
    {
        var start = new DateTime(2026, 11, 27, 1, 0, 0, DateTimeKind.Utc).AddMinutes(firing);
        return new JsonObject
        {
            ["status"] = status,
            ["labels"] = new JsonObject(labels.Split(',').Select(l => l.Split('=', 2)).Select(l => KeyValuePair.Create(l[0], (JsonNode?)l[1]))),
            ["annotations"] = summary is null ? new JsonObject() : new JsonObject { ["summary"] = summary },
            ["startsAt"] = start.ToString("O", CultureInfo.InvariantCulture),
            ["endsAt"] = status == "resolved" ? start.AddSeconds(30).ToString("O", CultureInfo.InvariantCulture) : "0001-01-01T00:00:00Z",
            ["generatorURL"] = "http://prometheus:9090/graph",
            ["fingerprint"] = Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(labels)))[..16],
        };
    }
}
