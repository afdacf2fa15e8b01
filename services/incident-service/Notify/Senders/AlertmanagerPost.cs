using System.Text.Json;
using System.Text.Json.Serialization;
using StellaOps.Telemetry.Contracts.Notifications;
using StellaOps.Telemetry.IncidentService.Notify.Targets;
using StellaOps.Telemetry.Profiles.Notifying;

namespace StellaOps.Telemetry.IncidentService.Notify.Senders;

/// <summary>
/// One alert for an incident, <c>POST /api/v2/alerts</c>. It ends when the incident ends by itself, so that it needs no repeating, and ends
/// there even when this service is dead by then; an end that comes sooner is posted.
/// </summary>
internal static class AlertmanagerPost
{
    private const string DefaultName = "StellaIncident";
    private const int MaxAnnotation = 2000;

    /// <exception cref="IOException">A file of it cannot be used now.</exception>
    public static OutgoingPost Of(AlertmanagerChannel channel, NotifyText text, DateTimeOffset now)
    {
        var incident = text.Incident;

        // The labels are the alert's identity: nothing that changes while the incident lives may be among them.
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["alertname"] = DefaultName };
        foreach (var (name, value) in channel.Labels)
        {
            labels[name] = value;
        }

        labels["tenant"] = incident.Tenant.Value;
        labels["severity"] = NotifyText.WordOf(incident.Severity);
        labels["incident"] = incident.Id;
        var annotations = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["summary"] = text.Title,
            ["description"] = NotifyText.Cut(text.Text, MaxAnnotation),
            ["services"] = NotifyText.Cut(incident.Services.Count == 0 ? "all" : string.Join(", ", incident.Services), MaxAnnotation),
            ["event"] = text.Event.Id,
        };
        var ends = KnownNotifications.IsEnd(text.Name) && incident.ExpiresAt > now ? now : incident.ExpiresAt;
        var alert = new AlertmanagerAlert(labels, annotations, incident.StartedAt, ends < incident.StartedAt ? incident.StartedAt : ends);
        var headers = channel.AuthorizationFile is { } file ? new[] { ("Authorization", SecretFile.Read(file)) } : [];
        return new OutgoingPost(
            new Uri(channel.Url.AbsoluteUri.TrimEnd('/') + "/api/v2/alerts"),
            JsonSerializer.SerializeToUtf8Bytes([alert], SenderJson.Default.IReadOnlyListAlertmanagerAlert),
            "application/json",
            headers,
            [.. headers.Select(h => h.Item2)]);
    }
}

internal sealed record AlertmanagerAlert(
    [property: JsonPropertyName("labels")] IReadOnlyDictionary<string, string> Labels,
    [property: JsonPropertyName("annotations")] IReadOnlyDictionary<string, string> Annotations,
    [property: JsonPropertyName("startsAt")] DateTimeOffset StartsAt,
    [property: JsonPropertyName("endsAt")] DateTimeOffset EndsAt);
