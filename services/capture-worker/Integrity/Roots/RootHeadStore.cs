using Dapper;
using Npgsql;
using StellaOps.Telemetry.Contracts.Archive;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.CaptureWorker.Integrity.Roots;

/// <summary>The newest root of each tenant, in PostgreSQL.</summary>
internal sealed class RootHeadStore(NpgsqlDataSource dataSource, TimeProvider time)
{
    public async Task<IReadOnlyDictionary<string, RootHead>> AllAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return (await connection.QueryAsync<(string Tenant, long Number, string Sha256)>(new CommandDefinition(
            "SELECT tenant, number, sha256 FROM capture.archive_roots", cancellationToken: cancellationToken))).ToDictionary(r => r.Tenant, r => new RootHead(r.Number, r.Sha256));
    }

    public async Task SetAsync(TenantId tenant, RootHead head, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO capture.archive_roots (tenant, number, sha256, written_at) VALUES (@Tenant, @Number, @Sha256, @Now)
            ON CONFLICT (tenant) DO UPDATE SET number = excluded.number, sha256 = excluded.sha256, written_at = excluded.written_at
            WHERE capture.archive_roots.number < excluded.number
            """,
            new { Tenant = tenant.Value, head.Number, head.Sha256, Now = time.GetUtcNow() },
            cancellationToken: cancellationToken));
    }
}
