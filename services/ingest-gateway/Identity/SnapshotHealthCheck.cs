using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace StellaOps.Telemetry.IngestGateway.Identity;

/// <summary>Without tenants every sender is refused, so the gateway is not ready.</summary>
internal sealed class SnapshotHealthCheck(SnapshotState state) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(state.Current is { } current
            ? HealthCheckResult.Healthy($"snapshot {current.Version}")
            : HealthCheckResult.Unhealthy("no snapshot of tenants yet"));
}
