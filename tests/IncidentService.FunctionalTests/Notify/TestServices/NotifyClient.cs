using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Notifications;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Tests.Shared.Hosting;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Notify.TestServices;

/// <summary>What tests of notifications ask of the API.</summary>
internal static class NotifyClient
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task<IncidentResponse> StartAsync(
        this HttpClient client, TenantId? tenant = null, IncidentSeverity severity = IncidentSeverity.Critical, string reason = "checkout fails", int ttlSeconds = 3600, IReadOnlyList<string>? services = null) =>
        await (await client.SendJsonAsync("/api/v1/incidents", new StartIncidentRequest(tenant ?? IncidentServiceFixture.NewTenant(), services, reason, severity, TtlSeconds: ttlSeconds))).ReadAsync<IncidentResponse>();

    public static async Task<IncidentResponse> StopAsync(this HttpClient client, string id, bool now = true) =>
        await (await client.SendJsonAsync($"/api/v1/incidents/{id}/stop", new StopIncidentRequest(now))).ReadAsync<IncidentResponse>();

    public static async Task<IncidentResponse> AcknowledgeAsync(this HttpClient client, string id, string? reason = null) =>
        await (await client.SendJsonAsync($"/api/v1/incidents/{id}/acknowledge", new AcknowledgeIncidentRequest(reason))).ReadAsync<IncidentResponse>();

    /// <summary>Oldest first.</summary>
    public static async Task<IReadOnlyList<NotificationResponse>> NotificationsAsync(this HttpClient client, string query) =>
        [.. (await (await client.GetAsync($"/api/v1/notifications?limit=500&{query}")).ReadAsync<Page<NotificationResponse>>()).Items.Reverse()];

    /// <summary>Waits until the incident has so many notifications, and none is pending.</summary>
    public static async Task<IReadOnlyList<NotificationResponse>> SettledAsync(this HttpClient client, string incident, int count)
    {
        IReadOnlyList<NotificationResponse> all = [];
        await Eventually.HoldsAsync(
            async () =>
            {
                all = await client.NotificationsAsync($"incident={incident}");
                return all.Count == count && all.All(n => n.State != NotificationState.Pending);
            },
            Patience,
            $"{count} notifications of {incident} are settled");
        return all;
    }

    public static Task<IReadOnlyList<NotificationResponse>> SettledAsync(this HttpClient client, IncidentResponse incident, int count) => client.SettledAsync(incident.Id, count);
}
