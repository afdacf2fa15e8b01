using Dapper;
using Npgsql;
using StellaOps.Telemetry.Contracts.Incidents;

namespace StellaOps.Telemetry.IncidentService.Notify.Escalation;

/// <summary>Steps of an incident that make no new version of it.</summary>
internal static class Timeline
{
    public static Task AppendAsync(NpgsqlTransaction transaction, string incidentId, IncidentEvent step, CancellationToken cancellationToken) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "INSERT INTO incident.events (incident_id, at, actor, action, detail) VALUES (@incidentId, @At, @Actor, @Action, @Detail)",
            new { incidentId, step.At, step.Actor, step.Action, step.Detail },
            transaction,
            cancellationToken: cancellationToken));
}
