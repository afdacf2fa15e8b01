using Dapper;
using Npgsql;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.IncidentService.Incidents;

namespace StellaOps.Telemetry.IncidentService.Evidence;

/// <summary>
/// Which evidence an incident's step asks for. When it is in force: a hold from the start of its lookback on, which saves what recorders still
/// have; captures on open and every while. When it has ended, however it ended: the last capture, and the hold's end. One that never raised
/// anything asks for nothing: a storm of incidents is no storm of captures.
/// </summary>
internal static class EvidencePlan
{
    public static async Task WriteAsync(NpgsqlTransaction transaction, Incident incident, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!incident.IsAnnounced)
        {
            return;
        }

        List<(string Kind, DateTimeOffset DueAt)> tasks = [];
        if (incident.State != IncidentState.Requested)
        {
            tasks.Add((EvidenceTask.Hold, now));
        }

        if (incident.State == IncidentState.Active)
        {
            Want(incident.Captures.OnOpen, EvidenceTask.CaptureOnOpen, now);
            Want(incident.Captures.EverySeconds is not null, EvidenceTask.CaptureEvery, now.AddSeconds(incident.Captures.EverySeconds ?? 0));
        }

        if (!incident.IsOpen)
        {
            Want(incident.Captures.OnClose, EvidenceTask.CaptureOnClose, now);
            tasks.Add((EvidenceTask.CloseHold, now));
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                "DELETE FROM incident.evidence_tasks WHERE incident_id = @Id AND kind = @CaptureEvery AND done_at IS NULL",
                new { incident.Id, EvidenceTask.CaptureEvery },
                transaction,
                cancellationToken: cancellationToken));
        }

        // A step that repeats asks for nothing twice.
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO incident.evidence_tasks (incident_id, kind, number, due_at, next_try_at)
            VALUES (@Id, @Kind, 1, @DueAt, @DueAt) ON CONFLICT DO NOTHING
            """,
            tasks.Select(t => new { incident.Id, t.Kind, t.DueAt }),
            transaction,
            cancellationToken: cancellationToken));

        void Want(bool isWanted, string kind, DateTimeOffset dueAt)
        {
            if (isWanted)
            {
                tasks.Add((kind, dueAt));
            }
        }
    }
}
