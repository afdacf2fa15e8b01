using System.Globalization;
using System.Text.Json;
using Dapper;
using Npgsql;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Notifications;
using StellaOps.Telemetry.IncidentService.Incidents;

namespace StellaOps.Telemetry.IncidentService.Notify.Outbox;

/// <summary>
/// Writes events in the transaction of what they tell of: both are committed or neither. An event's id says incident, version and action, and
/// holds no full stop, which delimits what the Standard Webhooks specification signs.
/// </summary>
internal static class NotifyOutbox
{
    /// <summary>PostgreSQL's channel that wakes whoever sends, at the commit.</summary>
    public const string Channel = "incident_notify";

    /// <summary>The incident has come to a version.</summary>
    public static async Task AppendAsync(NpgsqlTransaction transaction, Incident incident, IncidentEvent step, CancellationToken cancellationToken)
    {
        if (EventNames.Of(incident.State, step.Action) is not { } name)
        {
            return;
        }

        var id = string.Create(CultureInfo.InvariantCulture, $"{incident.Id}-{incident.Version}-{step.Action}");
        await InsertAsync(transaction, EventOf(id, name, step, incident.ToResponse([step])), name, null, cancellationToken);
    }

    /// <summary>Something that is no new version has happened to it; false when nobody was ever told of the incident.</summary>
    /// <param name="onlyTargets">Null: for whoever asks for it.</param>
    public static async Task<bool> AppendToLastAsync(
        NpgsqlTransaction transaction, string incidentId, string id, string name, IncidentEvent step, string[]? onlyTargets, CancellationToken cancellationToken)
    {
        var last = await transaction.Connection!.QueryFirstOrDefaultAsync<string>(new CommandDefinition(
            "SELECT body FROM incident.notify_events WHERE incident_id = @incidentId ORDER BY number DESC LIMIT 1", new { incidentId }, transaction, cancellationToken: cancellationToken));
        if (last is null)
        {
            return false;
        }

        var data = JsonSerializer.Deserialize(last, ContractsJson.Default.NotificationEvent)!.Data with { Timeline = [step] };
        await InsertAsync(transaction, EventOf(id, name, step, data), name, onlyTargets, cancellationToken);
        return true;
    }

    private static NotificationEvent EventOf(string id, string name, IncidentEvent step, IncidentResponse data) =>
        new("1.0", id, KnownNotifications.Source, KnownNotifications.TypeOf(name), data.Id, step.At, "application/json", data);

    private static Task InsertAsync(NpgsqlTransaction transaction, NotificationEvent told, string name, string[]? onlyTargets, CancellationToken cancellationToken) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            $"""
            INSERT INTO incident.notify_events (id, incident_id, tenant, severity, name, at, body, only_targets)
            VALUES (@Id, @Subject, @Tenant, @Severity, @name, @Time, @Body, @onlyTargets)
            ON CONFLICT (id) DO NOTHING;
            SELECT pg_notify('{Channel}', '');
            """,
            new
            {
                told.Id,
                told.Subject,
                Tenant = told.Data.Tenant.Value,
                Severity = told.Data.Severity.ToString(),
                name,
                told.Time,
                Body = JsonSerializer.Serialize(told, ContractsJson.Default.NotificationEvent),
                onlyTargets,
            },
            transaction,
            cancellationToken: cancellationToken));
}
