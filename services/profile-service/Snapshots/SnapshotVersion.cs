using Npgsql;

namespace StellaOps.Telemetry.ProfileService.Snapshots;

/// <summary>The version of what gateways know. The row's lock makes concurrent changes take turns, so versions follow commits.</summary>
internal sealed class SnapshotVersion(TimeProvider time)
{
    public const string Channel = "profile_snapshot";

    /// <summary>Adds one and tells every replica, both when the transaction commits.</summary>
    public async Task IncrementAsync(NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"UPDATE profile.snapshot_version SET version = version + 1, issued_at = $1", transaction.Connection, transaction);
        command.Parameters.AddWithValue(time.GetUtcNow());
        await command.ExecuteNonQueryAsync(cancellationToken);
        await using var notify = new NpgsqlCommand($"NOTIFY {Channel}", transaction.Connection, transaction);
        await notify.ExecuteNonQueryAsync(cancellationToken);
    }
}
