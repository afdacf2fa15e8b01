using System.Globalization;
using System.Text.Json;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Notifications;
using StellaOps.Telemetry.IncidentService.Notify.Deliveries;
using StellaOps.Telemetry.Profiles.Notifying;

namespace StellaOps.Telemetry.IncidentService.Notify.Senders;

/// <summary>An event in a target's words.</summary>
/// <param name="Title">On one line.</param>
internal sealed record NotifyText(string Name, NotificationEvent Event, string Title, string Text)
{
    private const int MaxValue = 500;
    private const int MaxTitle = 250;
    private const int MaxText = 8000;

    public IncidentResponse Incident => Event.Data;

    public static NotifyText Of(NotifyTarget target, Delivery delivery)
    {
        var told = JsonSerializer.Deserialize(delivery.Body, ContractsJson.Default.NotificationEvent)!;
        string Value(string placeholder) => Cut(ValueOf(placeholder, delivery.EventName, told), MaxValue);
        var title = string.Concat(target.Title.Render(Value).Select(c => char.IsControl(c) ? ' ' : c));
        return new NotifyText(delivery.EventName, told, Cut(title, MaxTitle), Cut(target.Text.Render(Value), MaxText));
    }

    public static string Cut(string text, int length) => text.Length > length ? string.Concat(text.AsSpan(0, length - 3), "...") : text;

    public static string WordOf(IncidentSeverity severity) => severity.ToString().ToLowerInvariant();

    public static string WordOf(IncidentState state) => JsonNamingPolicy.KebabCaseLower.ConvertName(state.ToString());

    public static string Time(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string ValueOf(string placeholder, string name, NotificationEvent told)
    {
        var (incident, step) = (told.Data, told.Data.Timeline[0]);
        return placeholder switch
        {
            "action" => step.Action,
            "active_until" => Time(incident.ActiveUntil),
            "actor" => step.Actor,
            "detail" => step.Detail ?? "",
            "ended_at" => incident.EndedAt is { } ended ? Time(ended) : "",
            "event" => name,
            "expires_at" => Time(incident.ExpiresAt),
            "id" => incident.Id,
            "opened_by" => incident.OpenedBy,
            "reason" => incident.Reason,
            "services" => incident.Services.Count == 0 ? "all" : string.Join(", ", incident.Services),
            "severity" => WordOf(incident.Severity),
            "started_at" => Time(incident.StartedAt),
            "state" => WordOf(incident.State),
            "tenant" => incident.Tenant.Value,
            "version" => incident.Version.ToString(CultureInfo.InvariantCulture),
            _ => throw new InvalidOperationException($"no value for '{placeholder}'"),
        };
    }
}
