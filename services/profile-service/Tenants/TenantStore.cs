using Dapper;
using Npgsql;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.ProfileService.Snapshots;
using StellaOps.Telemetry.ServiceDefaults.Audit;
using StellaOps.Telemetry.ServiceDefaults.Database;

namespace StellaOps.Telemetry.ProfileService.Tenants;

/// <summary>Tenants in PostgreSQL. Every change adds to the snapshot's version and to the audit trail in its own transaction.</summary>
internal sealed class TenantStore(NpgsqlDataSource dataSource, AuditLog audit, Idempotency idempotency, SnapshotVersion snapshot, TimeProvider time)
{
    private const string Columns = "tenant AS Tenant, display_name AS DisplayName, disabled AS Disabled, created_at AS CreatedAt, kind AS Kind";

    public async Task<(AddOutcome Outcome, TenantResponse? Tenant)> AddAsync(AddTenantRequest request, string actor, string? idempotencyKey, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var hash = Idempotency.HashOf("tenants", request, ContractsJson.Default.AddTenantRequest);
        var claim = await idempotency.ClaimAsync(transaction, actor, idempotencyKey, hash, request.Tenant.Value, cancellationToken);
        if (claim.Outcome == IdempotencyOutcome.Mismatch)
        {
            return (AddOutcome.KeyReused, null);
        }

        if (claim.Outcome == IdempotencyOutcome.Repeat)
        {
            return (AddOutcome.Made, await FindAsync(connection, transaction, claim.ResourceId, cancellationToken));
        }

        var made = await connection.ExecuteAsync(new CommandDefinition(
            "INSERT INTO profile.tenants (tenant, display_name, created_at, kind) VALUES (@Tenant, @DisplayName, @At, @Kind) ON CONFLICT DO NOTHING",
            new { Tenant = request.Tenant.Value, request.DisplayName, At = time.GetUtcNow(), Kind = TenantKinds.NameOf(request.Kind) },
            transaction,
            cancellationToken: cancellationToken));
        if (made == 0)
        {
            return (AddOutcome.Exists, null);
        }

        var tenant = await FindAsync(connection, transaction, request.Tenant.Value, cancellationToken);
        await snapshot.IncrementAsync(transaction, cancellationToken);
        await audit.AppendAsync(transaction, new AuditEntry(actor, "tenant.add", request.Tenant.Value, request.Tenant.Value, request.Kind == TenantKind.Live ? null : $"kind {TenantKinds.NameOf(request.Kind)}"), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (AddOutcome.Made, tenant);
    }

    public async Task<Page<TenantResponse>> ListAsync(TenantId? bound, string? after, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var rows = (await connection.QueryAsync<Row>(new CommandDefinition(
            $"SELECT {Columns} FROM profile.tenants WHERE (@Bound::text IS NULL OR tenant = @Bound) AND tenant > @After ORDER BY tenant LIMIT @Limit",
            new { Bound = bound?.Value, After = after ?? "", Limit = limit + 1 },
            cancellationToken: cancellationToken))).Select(ToResponse).ToList();
        return rows.Count > limit ? new Page<TenantResponse>(rows[..limit], rows[limit - 1].Tenant.Value) : new Page<TenantResponse>(rows, null);
    }

    /// <summary>Disables or enables; doing it again changes nothing. Null: there is no such tenant.</summary>
    public async Task<TenantResponse?> SetDisabledAsync(TenantId tenant, bool disabled, string actor, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var changed = await connection.ExecuteAsync(new CommandDefinition(
            "UPDATE profile.tenants SET disabled = @Disabled WHERE tenant = @Tenant AND disabled <> @Disabled",
            new { Tenant = tenant.Value, Disabled = disabled },
            transaction,
            cancellationToken: cancellationToken));
        var now = await FindAsync(connection, transaction, tenant.Value, cancellationToken);
        if (changed == 1)
        {
            await snapshot.IncrementAsync(transaction, cancellationToken);
            await audit.AppendAsync(transaction, new AuditEntry(actor, disabled ? "tenant.disable" : "tenant.enable", tenant.Value, tenant.Value), cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return now;
    }

    private static async Task<TenantResponse?> FindAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, string tenant, CancellationToken cancellationToken) =>
        await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            $"SELECT {Columns} FROM profile.tenants WHERE tenant = @tenant", new { tenant }, transaction, cancellationToken: cancellationToken)) is { } row
            ? ToResponse(row)
            : null;

    private static TenantResponse ToResponse(Row row) =>
        new(
            TenantId.Parse(row.Tenant),
            row.DisplayName,
            row.Disabled ? RegistrationState.Disabled : RegistrationState.Active,
            new DateTimeOffset(row.CreatedAt, TimeSpan.Zero),
            TenantKinds.Parse(row.Kind));

    // Npgsql gives timestamptz as a UTC DateTime.
    private sealed record Row(string Tenant, string? DisplayName, bool Disabled, DateTime CreatedAt, string Kind);
}
