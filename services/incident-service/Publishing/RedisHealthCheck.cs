using Microsoft.Extensions.Diagnostics.HealthChecks;
using StellaOps.Telemetry.ServiceDefaults.Redis;

namespace StellaOps.Telemetry.IncidentService.Publishing;

/// <summary>Without Redis incidents are taken and kept; gateways hear of them when it is back. That is degraded, not unready.</summary>
internal sealed class RedisHealthCheck(RedisConnection redis) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(redis.IsConnected ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded("not connected"));
}
