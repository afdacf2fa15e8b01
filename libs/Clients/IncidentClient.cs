using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Clients;

/// <summary>The incident service.</summary>
public sealed class IncidentClient(HttpClient http) : ApiClient(http)
{
    /// <summary>Opens an incident.</summary>
    public Task<IncidentResponse> StartAsync(StartIncidentRequest request, string? idempotencyKey, CancellationToken cancellationToken) =>
        PostAsync("api/v1/incidents", request, ContractsJson.Default.StartIncidentRequest, ContractsJson.Default.IncidentResponse, idempotencyKey, cancellationToken);

    /// <summary>Ends an incident.</summary>
    public Task<IncidentResponse> StopAsync(string id, StopIncidentRequest request, CancellationToken cancellationToken) =>
        PostAsync(
            $"api/v1/incidents/{Segment(id)}/stop", request, ContractsJson.Default.StopIncidentRequest, ContractsJson.Default.IncidentResponse, null, cancellationToken);

    /// <summary>Keeps an incident active for longer.</summary>
    public Task<IncidentResponse> ExtendAsync(string id, ExtendIncidentRequest request, CancellationToken cancellationToken) =>
        PostAsync(
            $"api/v1/incidents/{Segment(id)}/extend", request, ContractsJson.Default.ExtendIncidentRequest, ContractsJson.Default.IncidentResponse, null, cancellationToken);

    /// <summary>Says that somebody looks after it.</summary>
    public Task<IncidentResponse> AcknowledgeAsync(string id, AcknowledgeIncidentRequest request, CancellationToken cancellationToken) =>
        PostAsync(
            $"api/v1/incidents/{Segment(id)}/acknowledge", request, ContractsJson.Default.AcknowledgeIncidentRequest, ContractsJson.Default.IncidentResponse, null, cancellationToken);

    /// <summary>One incident with its timeline.</summary>
    public Task<IncidentResponse> GetAsync(string id, CancellationToken cancellationToken) =>
        GetAsync($"api/v1/incidents/{Segment(id)}", ContractsJson.Default.IncidentResponse, cancellationToken);

    /// <summary>A page of incidents, newest first.</summary>
    public Task<Page<IncidentResponse>> ListAsync(TenantId? tenant, string? cursor, CancellationToken cancellationToken) =>
        GetAsync(WithQuery("api/v1/incidents", ("tenant", tenant?.Value), ("cursor", cursor)), ContractsJson.Default.PageIncidentResponse, cancellationToken);
}
