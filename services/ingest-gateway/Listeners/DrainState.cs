using Microsoft.Extensions.Diagnostics.HealthChecks;
using StellaOps.Telemetry.IngestGateway.Configuration;

namespace StellaOps.Telemetry.IngestGateway.Listeners;

/// <summary>
/// The way out. 1. <c>/health</c> says that the gateway goes, each sender that still comes is served and told to connect elsewhere (GOAWAY,
/// <c>Connection: close</c>); 2. after the delay the server stops listening, and what is in flight is answered; 3. the log refuses appends,
/// retryable, and ends. The host's time-out bounds all of it.
/// </summary>
internal sealed class DrainState(GatewayOptions options, TimeProvider time) : IHostedLifecycleService, IHealthCheck
{
    private volatile bool _isDraining;

    /// <summary>Asks the sender to go elsewhere after this request, if the gateway goes. Before the answer is begun.</summary>
    public void Tell(HttpContext context)
    {
        if (_isDraining)
        {
            context.Connection.RequestClose();
        }
    }

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_isDraining ? HealthCheckResult.Unhealthy("draining") : HealthCheckResult.Healthy());

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Before any service is stopped.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        _isDraining = true;
        return Task.Delay(options.DrainDelay, time, cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
