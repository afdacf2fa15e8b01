using System.Text.Json.Serialization;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Contracts.Notifications;

/// <summary>One event of an incident: CloudEvents 1.0, JSON format.</summary>
/// <param name="Id">Unique, and the same however often the event is sent: incident, version and action.</param>
/// <param name="Type"><see cref="KnownNotifications.TypeOf"/>.</param>
/// <param name="Subject">The incident's id.</param>
/// <param name="Data">The incident at that version; its timeline holds the one step that this event tells of.</param>
public sealed record NotificationEvent(
    string Specversion, string Id, string Source, string Type, string Subject, DateTimeOffset Time, string Datacontenttype, IncidentResponse Data);

/// <summary>What became of an event at a target. An item of <c>GET /api/v1/notifications</c>.</summary>
/// <param name="EventId">Of the <see cref="NotificationEvent"/>.</param>
/// <param name="Event">One of <see cref="KnownNotifications"/>.</param>
/// <param name="Kind">Of the target: webhook, slack, pagerduty, smtp, alertmanager.</param>
/// <param name="DueAt">When it is sent next; null when it is not.</param>
/// <param name="EndedAt">When it was delivered, or given up; null while it is pending.</param>
/// <param name="Reason">Why the last attempt failed, in the target's words where it had any.</param>
public sealed record NotificationResponse(
    long Id,
    string EventId,
    string Event,
    string Incident,
    TenantId Tenant,
    string Target,
    string Kind,
    NotificationState State,
    int Attempts,
    DateTimeOffset CreatedAt,
    DateTimeOffset? DueAt,
    DateTimeOffset? EndedAt,
    string? Reason);

/// <summary>Where a notification stands.</summary>
public enum NotificationState
{
    [JsonStringEnumMemberName("pending")]
    Pending,

    [JsonStringEnumMemberName("delivered")]
    Delivered,

    /// <summary>A dead letter: refused for good, or tried for as long as its target's policy says.</summary>
    [JsonStringEnumMemberName("dead")]
    Dead,
}
