using System.Text.Json;
using System.Text.Json.Serialization;
using StellaOps.Telemetry.Contracts.Notifications;
using StellaOps.Telemetry.IncidentService.Notify.Targets;
using StellaOps.Telemetry.Profiles.Notifying;

namespace StellaOps.Telemetry.IncidentService.Notify.Senders;

/// <summary>
/// PagerDuty's Events API v2: https://developer.pagerduty.com/docs/send-alert-event. The incident's id is the key by which repeated events are
/// one alert.
/// </summary>
internal static class PagerDutyPost
{
    // Other answers of 200 to 299 are somebody else's.
    private const int Accepted = 202;
    private const int MaxSummary = 1024;

    /// <exception cref="IOException">A file of it cannot be used now.</exception>
    public static OutgoingPost Of(PagerDutyChannel channel, NotifyText text)
    {
        var key = SecretFile.Read(channel.RoutingKeyFile);
        var incident = text.Incident;
        var action = text.Name == KnownNotifications.Acknowledged ? "acknowledge" : KnownNotifications.IsEnd(text.Name) ? "resolve" : "trigger";
        var payload = action != "trigger"
            ? null
            : new PagerDutyPayload(
                NotifyText.Cut(text.Title, MaxSummary),
                text.Event.Source,
                NotifyText.WordOf(incident.Severity),
                text.Event.Time,
                incident.Services.Count == 1 ? incident.Services[0] : null,
                incident.Tenant.Value,
                new Dictionary<string, string>
                {
                    ["event"] = text.Event.Id,
                    ["incident"] = incident.Id,
                    ["reason"] = incident.Reason,
                    ["services"] = NotifyText.Cut(string.Join(", ", incident.Services), MaxSummary),
                    ["state"] = NotifyText.WordOf(incident.State),
                    ["expires_at"] = NotifyText.Time(incident.ExpiresAt),
                    ["text"] = text.Text,
                });
        var message = new PagerDutyEvent(key, action, incident.Id, "StellaOps Telemetry", payload);
        return new OutgoingPost(channel.Url, JsonSerializer.SerializeToUtf8Bytes(message, SenderJson.Default.PagerDutyEvent), "application/json", [], [key], Accepted);
    }
}

internal sealed record PagerDutyEvent(
    [property: JsonPropertyName("routing_key")] string RoutingKey,
    [property: JsonPropertyName("event_action")] string EventAction,
    [property: JsonPropertyName("dedup_key")] string DedupKey,
    [property: JsonPropertyName("client")] string Client,
    [property: JsonPropertyName("payload")] PagerDutyPayload? Payload);

/// <param name="Severity">info, warning, error or critical.</param>
internal sealed record PagerDutyPayload(
    [property: JsonPropertyName("summary")] string Summary,
    [property: JsonPropertyName("source")] string Source,
    [property: JsonPropertyName("severity")] string Severity,
    [property: JsonPropertyName("timestamp")] DateTimeOffset Timestamp,
    [property: JsonPropertyName("component")] string? Component,
    [property: JsonPropertyName("group")] string Group,
    [property: JsonPropertyName("custom_details")] IReadOnlyDictionary<string, string> CustomDetails);
