using System.Data;
using System.Text.Json;
using Dapper;
using Microsoft.Extensions.Options;
using Npgsql;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.ProfileService.Tenants;
using StellaOps.Telemetry.ServiceDefaults.Identity;

namespace StellaOps.Telemetry.ProfileService.Snapshots;

/// <summary>Makes and signs the snapshot; one version is read and signed once.</summary>
internal sealed class SnapshotStore(NpgsqlDataSource dataSource, IOptions<IdentityOptions> identity) : IDisposable
{
    private readonly SigningKey _key = SigningKey.Load(identity.Value.KeyFile!);
    private SignedSnapshot? _latest;

    public async Task<long> ReadVersionAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("SELECT version FROM profile.snapshot_version");
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>The snapshot in force, signed.</summary>
    public async Task<SignedSnapshot> ReadAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);

        // One view of all three tables: a version must never name another version's rows.
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var (version, issuedAt) = await connection.QuerySingleAsync<(long, DateTime)>(
            new CommandDefinition("SELECT version, issued_at FROM profile.snapshot_version", transaction: transaction, cancellationToken: cancellationToken));
        if (_latest is { } latest && latest.Version == version)
        {
            return latest;
        }

        var tenants = await connection.QueryAsync<(string Tenant, bool Disabled, string Kind)>(
            new CommandDefinition("SELECT tenant, disabled, kind FROM profile.tenants ORDER BY tenant", transaction: transaction, cancellationToken: cancellationToken));
        var keys = await connection.QueryAsync<(string KeyId, string Tenant, string Hash, bool Revoked, DateTime? ExpiresAt)>(
            new CommandDefinition(
                "SELECT key_id, tenant, secret_sha256, revoked, expires_at FROM profile.ingest_keys ORDER BY key_id", transaction: transaction, cancellationToken: cancellationToken));
        var snapshot = new GatewaySnapshot(
            GatewaySnapshot.SchemaId,
            version,
            new DateTimeOffset(issuedAt, TimeSpan.Zero),
            [.. tenants.Select(t => new SnapshotTenant(TenantId.Parse(t.Tenant), StateOf(t.Disabled), TenantKinds.Parse(t.Kind)))],
            [.. keys.Select(k => new SnapshotIngestKey(k.KeyId, TenantId.Parse(k.Tenant), k.Hash, StateOf(k.Revoked), k.ExpiresAt is { } at ? new DateTimeOffset(at, TimeSpan.Zero) : null))]);
        var payload = JsonSerializer.SerializeToUtf8Bytes(snapshot, ContractsJson.Default.GatewaySnapshot);
        var signed = new SignedSnapshot(version, Dsse.Sign(GatewaySnapshot.PayloadType, payload, _key, withKeyId: true));
        _latest = signed;
        return signed;
    }

    public void Dispose() => _key.Dispose();

    private static RegistrationState StateOf(bool off) => off ? RegistrationState.Disabled : RegistrationState.Active;
}
