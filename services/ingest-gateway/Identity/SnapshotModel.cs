using System.Collections.Frozen;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.IngestGateway.Identity;

/// <summary>The tenants and ingest keys in force, ready for look-ups.</summary>
internal sealed class SnapshotModel
{
    private readonly FrozenDictionary<TenantId, SnapshotTenant> _tenants;
    private readonly FrozenDictionary<string, SnapshotKey>.AlternateLookup<ReadOnlySpan<char>> _keys;

    /// <exception cref="FormatException">A key's hash is not hex.</exception>
    public SnapshotModel(GatewaySnapshot snapshot)
    {
        Version = snapshot.Version;
        _tenants = snapshot.Tenants.ToFrozenDictionary(t => t.Tenant);
        _keys = snapshot.IngestKeys
            .ToFrozenDictionary(
                k => k.KeyId,
                k => new SnapshotKey(k.Tenant, Convert.FromHexString(k.SecretSha256), k.State == RegistrationState.Active, k.ExpiresAt),
                StringComparer.Ordinal)
            .GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public long Version { get; }

    public SnapshotTenant? Find(TenantId tenant) => _tenants.GetValueOrDefault(tenant);

    public bool TryGetKey(ReadOnlySpan<char> keyId, out SnapshotKey? key) => _keys.TryGetValue(keyId, out key);
}

/// <summary>An ingest key, without its secret.</summary>
internal sealed record SnapshotKey(TenantId Tenant, byte[] SecretSha256, bool IsActive, DateTimeOffset? ExpiresAt);
