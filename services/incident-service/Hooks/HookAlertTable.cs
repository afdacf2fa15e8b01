using Dapper;
using Npgsql;
using StellaOps.Telemetry.IncidentService.Incidents;

namespace StellaOps.Telemetry.IncidentService.Hooks;

/// <summary>Which alerts keep an incident from ending.</summary>
internal static class HookAlertTable
{
    public static async Task<IReadOnlyList<FiringAlert>> ReadAsync(NpgsqlTransaction transaction, string incidentId, CancellationToken cancellationToken) =>
        [.. await transaction.Connection!.QueryAsync<FiringAlert>(new CommandDefinition(
            "SELECT fingerprint AS Fingerprint, starts_at AS StartsAt FROM incident.hook_alerts WHERE incident_id = @incidentId",
            new { incidentId },
            transaction,
            cancellationToken: cancellationToken))];

    public static Task AddAsync(NpgsqlTransaction transaction, string incidentId, IReadOnlyList<FiringAlert> alerts, CancellationToken cancellationToken) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO incident.hook_alerts (incident_id, fingerprint, starts_at)
            SELECT @incidentId, fingerprint, starts_at FROM unnest(@fingerprints, @startsAt) AS a (fingerprint, starts_at)
            ON CONFLICT (incident_id, fingerprint) DO UPDATE SET starts_at = excluded.starts_at
            """,
            new { incidentId, fingerprints = alerts.Select(a => a.Fingerprint).ToArray(), startsAt = alerts.Select(a => a.StartsAt).ToArray() },
            transaction,
            cancellationToken: cancellationToken));

    public static Task RemoveAsync(NpgsqlTransaction transaction, string incidentId, IReadOnlyList<string> fingerprints, CancellationToken cancellationToken) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "DELETE FROM incident.hook_alerts WHERE incident_id = @incidentId AND fingerprint = ANY (@fingerprints)",
            new { incidentId, fingerprints = fingerprints.ToArray() },
            transaction,
            cancellationToken: cancellationToken));

    /// <summary>Those of incidents that have ended; two replicas that do this do not wait for each other.</summary>
    public static Task ForgetEndedAsync(NpgsqlTransaction transaction, CancellationToken cancellationToken) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            $"""
            DELETE FROM incident.hook_alerts WHERE (incident_id, fingerprint) IN (
                SELECT a.incident_id, a.fingerprint FROM incident.hook_alerts a JOIN incident.incidents i ON i.id = a.incident_id
                WHERE i.state NOT IN ({IncidentRow.OpenStates}) FOR UPDATE OF a SKIP LOCKED)
            """,
            transaction: transaction,
            cancellationToken: cancellationToken));
}
