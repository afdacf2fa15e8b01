using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace StellaOps.Telemetry.IngestGateway.Pipeline;

/// <summary>
/// Degraded while the disk or a bound makes the log refuse. Not unhealthy: only a batch that comes and is taken shows that there is room again.
/// </summary>
internal sealed class PipelineHealthCheck(IPipelineStatus status) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(status.Trouble is { } trouble ? HealthCheckResult.Degraded(trouble) : HealthCheckResult.Healthy());
}
