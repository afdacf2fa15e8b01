using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Contracts.Gateways;

/// <summary>
/// Everything a gateway needs to know who may send: all tenants and ingest keys, whole, at one version.
/// Travels as the payload of a DSSE envelope (<see cref="PayloadType"/>) signed by the profile service.
/// </summary>
/// <param name="Schema">Always <see cref="SchemaId"/>.</param>
/// <param name="Version">Grows with every change. A gateway never goes back to a lower one.</param>
/// <param name="IssuedAt">When this version was made.</param>
public sealed record GatewaySnapshot(
    string Schema,
    long Version,
    DateTimeOffset IssuedAt,
    IReadOnlyList<SnapshotTenant> Tenants,
    IReadOnlyList<SnapshotIngestKey> IngestKeys)
{
    /// <summary>The schema of this form.</summary>
    public const string SchemaId = "https://stella-ops.org/telemetry/gateway-snapshot/v1";

    /// <summary>DSSE payload type.</summary>
    public const string PayloadType = "application/vnd.stella-ops.gateway-snapshot.v1+json";
}

/// <summary>A tenant as gateways know it.</summary>
/// <param name="Kind">A snapshot of before there were kinds names none: all of its tenants are live.</param>
public sealed record SnapshotTenant(TenantId Tenant, RegistrationState State, TenantKind Kind = TenantKind.Live);

/// <summary>An ingest key as gateways know it: never the secret, only its hash (<see cref="IngestKeyFormat.Hash"/>).</summary>
public sealed record SnapshotIngestKey(string KeyId, TenantId Tenant, string SecretSha256, RegistrationState State, DateTimeOffset? ExpiresAt);
