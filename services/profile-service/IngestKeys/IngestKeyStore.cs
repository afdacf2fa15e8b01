using Dapper;
using Npgsql;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.ProfileService.Snapshots;
using StellaOps.Telemetry.ProfileService.Tenants;
using StellaOps.Telemetry.ServiceDefaults.Audit;
using StellaOps.Telemetry.ServiceDefaults.Database;

namespace StellaOps.Telemetry.ProfileService.IngestKeys;

/// <summary>Ingest keys in PostgreSQL: hashes only, a secret is seen once, by who asked for it.</summary>
internal sealed class IngestKeyStore(NpgsqlDataSource dataSource, AuditLog audit, Idempotency idempotency, SnapshotVersion snapshot, TimeProvider time)
{
    private const string Columns = "key_id AS KeyId, tenant AS Tenant, description AS Description, revoked AS Revoked, created_at AS CreatedAt, expires_at AS ExpiresAt";
    private const string Insert =
        """
        INSERT INTO profile.ingest_keys (key_id, tenant, description, secret_sha256, created_at, expires_at)
        VALUES (@KeyId, @Tenant, @Description, @Hash, @At, @ExpiresAt) ON CONFLICT DO NOTHING
        """;

    /// <summary><see cref="AddOutcome.Exists"/>: this very request made a key before, whose secret cannot be shown again.</summary>
    public async Task<(AddOutcome Outcome, NewIngestKeyResponse? Key, string? Earlier)> AddAsync(
        TenantId tenant, NewIngestKeyRequest request, string actor, string? idempotencyKey, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var (keyId, secret) = IngestKeyFormat.Create();
        var hash = Idempotency.HashOf($"tenants/{tenant}/ingest-keys", request, ContractsJson.Default.NewIngestKeyRequest);
        var claim = await idempotency.ClaimAsync(transaction, actor, idempotencyKey, hash, keyId, cancellationToken);
        if (claim.Outcome != IdempotencyOutcome.New)
        {
            return (claim.Outcome == IdempotencyOutcome.Mismatch ? AddOutcome.KeyReused : AddOutcome.Exists, null, claim.ResourceId);
        }

        if (await connection.ExecuteScalarAsync<string>(new CommandDefinition(
            "SELECT kind FROM profile.tenants WHERE tenant = @Tenant", new { Tenant = tenant.Value }, transaction, cancellationToken: cancellationToken)) is not { } kind)
        {
            return (AddOutcome.NoTenant, null, null);
        }

        // A key is for a sender, and all that a sender sends would be refused.
        if (TenantKinds.Parse(kind) == TenantKind.Replay)
        {
            return (AddOutcome.ReplayTarget, null, null);
        }

        await connection.ExecuteAsync(new CommandDefinition(
            Insert,
            new { KeyId = keyId, Tenant = tenant.Value, request.Description, Hash = IngestKeyFormat.Hash(secret), At = time.GetUtcNow(), ExpiresAt = request.ExpiresAt?.ToUniversalTime() },
            transaction,
            cancellationToken: cancellationToken));
        var key = await FindAsync(connection, transaction, keyId, cancellationToken);
        await snapshot.IncrementAsync(transaction, cancellationToken);
        await audit.AppendAsync(transaction, new AuditEntry(actor, "ingest-key.new", tenant.Value, keyId), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (AddOutcome.Made, new NewIngestKeyResponse(key!, secret), null);
    }

    public async Task<Page<IngestKeyResponse>> ListAsync(TenantId tenant, string? after, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var rows = (await connection.QueryAsync<Row>(new CommandDefinition(
            $"SELECT {Columns} FROM profile.ingest_keys WHERE tenant = @Tenant AND key_id > @After ORDER BY key_id LIMIT @Limit",
            new { Tenant = tenant.Value, After = after ?? "", Limit = limit + 1 },
            cancellationToken: cancellationToken))).Select(ToResponse).ToList();
        return rows.Count > limit ? new Page<IngestKeyResponse>(rows[..limit], rows[limit - 1].KeyId) : new Page<IngestKeyResponse>(rows, null);
    }

    /// <summary>One key; null: there is none.</summary>
    public async Task<IngestKeyResponse?> FindAsync(string keyId, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await FindAsync(connection, null, keyId, cancellationToken);
    }

    /// <summary>Revokes for good; doing it again changes nothing.</summary>
    public async Task<IngestKeyResponse?> RevokeAsync(IngestKeyResponse key, string actor, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var changed = await connection.ExecuteAsync(new CommandDefinition(
            "UPDATE profile.ingest_keys SET revoked = true WHERE key_id = @KeyId AND NOT revoked", new { key.KeyId }, transaction, cancellationToken: cancellationToken));
        var now = await FindAsync(connection, transaction, key.KeyId, cancellationToken);
        if (changed == 1)
        {
            await snapshot.IncrementAsync(transaction, cancellationToken);
            await audit.AppendAsync(transaction, new AuditEntry(actor, "ingest-key.revoke", key.Tenant.Value, key.KeyId), cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return now;
    }

    /// <summary>Makes the system tenant and registers its key, unless that was done before. A key that was revoked stays so.</summary>
    public async Task SeedSystemAsync(string? secret, CancellationToken cancellationToken)
    {
        const string Actor = "system:" + KnownServices.ProfileService;
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var (tenant, at) = (TenantId.System.Value, time.GetUtcNow());
        var madeTenant = await connection.ExecuteAsync(new CommandDefinition(
            "INSERT INTO profile.tenants (tenant, display_name, created_at) VALUES (@tenant, 'The telemetry stack itself', @at) ON CONFLICT DO NOTHING",
            new { tenant, at },
            transaction,
            cancellationToken: cancellationToken));
        var madeKey = 0;
        string? keyId = null;
        if (secret is not null && IngestKeyFormat.TryGetKeyId(secret, out keyId))
        {
            madeKey = await connection.ExecuteAsync(new CommandDefinition(
                Insert,
                new { KeyId = keyId, Tenant = tenant, Description = "made at first start", Hash = IngestKeyFormat.Hash(secret), At = at, ExpiresAt = (DateTimeOffset?)null },
                transaction,
                cancellationToken: cancellationToken));
        }

        if (madeTenant + madeKey > 0)
        {
            await snapshot.IncrementAsync(transaction, cancellationToken);
        }

        if (madeTenant == 1)
        {
            await audit.AppendAsync(transaction, new AuditEntry(Actor, "tenant.add", tenant, tenant), cancellationToken);
        }

        if (madeKey == 1)
        {
            await audit.AppendAsync(transaction, new AuditEntry(Actor, "ingest-key.new", tenant, keyId!), cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task<IngestKeyResponse?> FindAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction, string keyId, CancellationToken cancellationToken) =>
        await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            $"SELECT {Columns} FROM profile.ingest_keys WHERE key_id = @keyId", new { keyId }, transaction, cancellationToken: cancellationToken)) is { } row
            ? ToResponse(row)
            : null;

    private static IngestKeyResponse ToResponse(Row row) => new(
        row.KeyId,
        TenantId.Parse(row.Tenant),
        row.Description,
        row.Revoked ? RegistrationState.Disabled : RegistrationState.Active,
        new DateTimeOffset(row.CreatedAt, TimeSpan.Zero),
        row.ExpiresAt is { } at ? new DateTimeOffset(at, TimeSpan.Zero) : null);

    private sealed record Row(string KeyId, string Tenant, string? Description, bool Revoked, DateTime CreatedAt, DateTime? ExpiresAt);
}
