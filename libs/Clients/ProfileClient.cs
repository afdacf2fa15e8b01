using System.Globalization;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Clients;

/// <summary>The profile service: tenants, ingest keys, the audit trail; profiles, rollouts and the fleet.</summary>
public sealed partial class ProfileClient(HttpClient http) : ApiClient(http)
{
    /// <summary>Registers a tenant.</summary>
    public Task<TenantResponse> AddTenantAsync(AddTenantRequest request, string? idempotencyKey, CancellationToken cancellationToken) =>
        PostAsync("api/v1/tenants", request, ContractsJson.Default.AddTenantRequest, ContractsJson.Default.TenantResponse, idempotencyKey, cancellationToken);

    /// <summary>A page of the tenants that the token is good for.</summary>
    public Task<Page<TenantResponse>> ListTenantsAsync(string? cursor, CancellationToken cancellationToken) =>
        GetAsync(WithQuery("api/v1/tenants", ("cursor", cursor)), ContractsJson.Default.PageTenantResponse, cancellationToken);

    /// <summary>Refuses a tenant's telemetry from now on.</summary>
    public Task<TenantResponse> DisableTenantAsync(TenantId tenant, CancellationToken cancellationToken) =>
        PostAsync($"api/v1/tenants/{tenant}/disable", ContractsJson.Default.TenantResponse, cancellationToken);

    /// <summary>Takes a tenant's telemetry again.</summary>
    public Task<TenantResponse> EnableTenantAsync(TenantId tenant, CancellationToken cancellationToken) =>
        PostAsync($"api/v1/tenants/{tenant}/enable", ContractsJson.Default.TenantResponse, cancellationToken);

    /// <summary>Makes an ingest key; its secret is in this answer only.</summary>
    public Task<NewIngestKeyResponse> NewIngestKeyAsync(TenantId tenant, NewIngestKeyRequest request, string? idempotencyKey, CancellationToken cancellationToken) =>
        PostAsync(
            $"api/v1/tenants/{tenant}/ingest-keys",
            request,
            ContractsJson.Default.NewIngestKeyRequest,
            ContractsJson.Default.NewIngestKeyResponse,
            idempotencyKey,
            cancellationToken);

    /// <summary>A page of a tenant's ingest keys, without secrets.</summary>
    public Task<Page<IngestKeyResponse>> ListIngestKeysAsync(TenantId tenant, string? cursor, CancellationToken cancellationToken) =>
        GetAsync(WithQuery($"api/v1/tenants/{tenant}/ingest-keys", ("cursor", cursor)), ContractsJson.Default.PageIngestKeyResponse, cancellationToken);

    /// <summary>Revokes an ingest key for good.</summary>
    public Task<IngestKeyResponse> RevokeIngestKeyAsync(string keyId, CancellationToken cancellationToken) =>
        PostAsync($"api/v1/ingest-keys/{Segment(keyId)}/revoke", ContractsJson.Default.IngestKeyResponse, cancellationToken);

    /// <summary>A page of the audit trail, newest first.</summary>
    public Task<Page<AuditEntryResponse>> ListAuditAsync(
        TenantId? tenant, DateTimeOffset? from, DateTimeOffset? to, string? cursor, int? limit, CancellationToken cancellationToken) =>
        GetAsync(
            WithQuery(
                "api/v1/audit",
                ("tenant", tenant?.Value),
                ("from", Time(from)),
                ("to", Time(to)),
                ("cursor", cursor),
                ("limit", limit?.ToString(CultureInfo.InvariantCulture))),
            ContractsJson.Default.PageAuditEntryResponse,
            cancellationToken);

    /// <summary>Has the audit trail's chain of hashes recomputed.</summary>
    public Task<AuditVerificationResponse> VerifyAuditAsync(CancellationToken cancellationToken) =>
        GetAsync("api/v1/audit/verify", ContractsJson.Default.AuditVerificationResponse, cancellationToken);
}
