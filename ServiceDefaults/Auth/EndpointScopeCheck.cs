using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace StellaOps.Telemetry.ServiceDefaults.Auth;

/// <summary>
/// Stops a start when an endpoint neither names a scope nor says that it needs none. Until this has run, and besides, the fallback policy
/// refuses such an endpoint.
/// </summary>
internal sealed class EndpointScopeCheck(EndpointDataSource endpoints) : IHostedLifecycleService
{
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        var open = endpoints.Endpoints
            .Where(e => e.Metadata.GetMetadata<ScopeRequirement>() is null && e.Metadata.GetMetadata<IAllowAnonymous>() is null)
            .Select(e => e.DisplayName)
            .ToList();
        return open.Count == 0
            ? Task.CompletedTask
            : throw new InvalidOperationException($"endpoints without RequireScope or AllowWithoutScope: {string.Join(", ", open)}");
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
