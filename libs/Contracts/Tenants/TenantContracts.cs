using System.Text.Json.Serialization;

namespace StellaOps.Telemetry.Contracts.Tenants;

/// <summary>Whether a tenant's or a key's records are accepted.</summary>
public enum RegistrationState
{
    [JsonStringEnumMemberName("active")]
    Active,

    [JsonStringEnumMemberName("disabled")]
    Disabled,
}

/// <summary>What a tenant is for. It is said once, at registration.</summary>
public enum TenantKind
{
    /// <summary>Senders' telemetry; gateways refuse replays into it.</summary>
    [JsonStringEnumMemberName("live")]
    Live,

    /// <summary>A replay target; gateways refuse all that is not a replay.</summary>
    [JsonStringEnumMemberName("replay")]
    Replay,
}

/// <summary>Body of <c>POST /api/v1/tenants</c>.</summary>
public sealed record AddTenantRequest(TenantId Tenant, string? DisplayName, TenantKind Kind = TenantKind.Live);

/// <summary>One tenant.</summary>
public sealed record TenantResponse(TenantId Tenant, string? DisplayName, RegistrationState State, DateTimeOffset CreatedAt, TenantKind Kind = TenantKind.Live);

/// <summary>Body of <c>POST /api/v1/tenants/{tenant}/ingest-keys</c>.</summary>
public sealed record NewIngestKeyRequest(string? Description, DateTimeOffset? ExpiresAt);

/// <summary>One ingest key, without its secret.</summary>
public sealed record IngestKeyResponse(string KeyId, TenantId Tenant, string? Description, RegistrationState State, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt);

/// <summary>The one answer that shows the secret: it is stored hashed and cannot be shown again.</summary>
public sealed record NewIngestKeyResponse(IngestKeyResponse Key, string Secret);
