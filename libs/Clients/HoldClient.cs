using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Holds;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Clients;

/// <summary>Holds, of the capture worker.</summary>
public sealed class HoldClient(HttpClient http) : ApiClient(http)
{
    /// <summary>Keeps a window from being deleted.</summary>
    public Task<HoldResponse> AddAsync(CreateHoldRequest request, string? idempotencyKey, CancellationToken cancellationToken) =>
        PostAsync("api/v1/holds", request, ContractsJson.Default.CreateHoldRequest, ContractsJson.Default.HoldResponse, idempotencyKey, cancellationToken);

    /// <summary>Ends the window of a hold that was still growing.</summary>
    public Task<HoldResponse> CloseAsync(string id, CloseHoldRequest request, CancellationToken cancellationToken) =>
        PostAsync($"api/v1/holds/{Segment(id)}/close", request, ContractsJson.Default.CloseHoldRequest, ContractsJson.Default.HoldResponse, null, cancellationToken);

    /// <summary>Lets what a hold covers be deleted again.</summary>
    public Task<HoldResponse> ReleaseAsync(string id, ReleaseHoldRequest request, CancellationToken cancellationToken) =>
        PostAsync($"api/v1/holds/{Segment(id)}/release", request, ContractsJson.Default.ReleaseHoldRequest, ContractsJson.Default.HoldResponse, null, cancellationToken);

    /// <summary>A page of holds, newest first.</summary>
    public Task<Page<HoldResponse>> ListAsync(TenantId? tenant, string? incidentId, bool activeOnly, string? cursor, CancellationToken cancellationToken) => GetAsync(
        WithQuery("api/v1/holds", ("tenant", tenant?.Value), ("incident", incidentId), ("active", activeOnly ? "true" : null), ("cursor", cursor)),
        ContractsJson.Default.PageHoldResponse,
        cancellationToken);
}
