using Dapper;
using Npgsql;
using StellaOps.Telemetry.IncidentService.Hooks.Orchestrator;

namespace StellaOps.Telemetry.IncidentService.Hooks;

/// <summary>Signed messages that were taken, whichever replica took them.</summary>
internal static class HookMessageTable
{
    /// <summary>Null when the message is new; it is remembered with what it does, or not at all. Whoever brings it at the same time waits for that.</summary>
    public static async Task<HookOutcome?> TakeAsync(NpgsqlTransaction transaction, SignedMessage message, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            """
            DELETE FROM incident.hook_messages WHERE (orchestrator, id) IN (
                SELECT orchestrator, id FROM incident.hook_messages WHERE forget_at < @now FOR UPDATE SKIP LOCKED)
            """,
            new { now },
            transaction,
            cancellationToken: cancellationToken));
        var isNew = await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "INSERT INTO incident.hook_messages (orchestrator, id, body_hash, forget_at) VALUES (@Orchestrator, @Id, @BodyHash, @ForgetAt) ON CONFLICT DO NOTHING",
            message,
            transaction,
            cancellationToken: cancellationToken)) == 1;
        if (isNew)
        {
            return null;
        }

        var hash = await transaction.Connection!.ExecuteScalarAsync<string>(new CommandDefinition(
            "SELECT body_hash FROM incident.hook_messages WHERE orchestrator = @Orchestrator AND id = @Id", message, transaction, cancellationToken: cancellationToken));
        return hash is null || hash == message.BodyHash ? HookOutcome.Repeated : HookOutcome.IdReused;
    }
}
