using System.Globalization;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Notifications;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Clients;

/// <summary>What the incident service told whom.</summary>
public sealed class NotificationClient(HttpClient http) : ApiClient(http)
{
    /// <summary>A page of notifications, newest first; null means all.</summary>
    public Task<Page<NotificationResponse>> ListAsync(
        TenantId? tenant, string? incident, string? target, string? state, string? cursor, CancellationToken cancellationToken) =>
        GetAsync(
            WithQuery("api/v1/notifications", ("tenant", tenant?.Value), ("incident", incident), ("target", target), ("state", state), ("cursor", cursor)),
            ContractsJson.Default.PageNotificationResponse,
            cancellationToken);

    /// <summary>Sends a dead letter again; what is no dead letter is left as it is.</summary>
    public Task<NotificationResponse> ResendAsync(long id, CancellationToken cancellationToken) =>
        PostAsync($"api/v1/notifications/{id.ToString(CultureInfo.InvariantCulture)}/resend", ContractsJson.Default.NotificationResponse, cancellationToken);
}
