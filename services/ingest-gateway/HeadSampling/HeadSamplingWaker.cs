namespace StellaOps.Telemetry.IngestGateway.HeadSampling;

/// <summary>Wakes the waiters of those tenants for whom something changed, and nobody else: one tenant's incident is no event for another.</summary>
internal sealed class HeadSamplingWaker(HeadStrategies strategies, HeadWaiters waiters, IHostApplicationLifetime lifetime) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The server stops only when every request was answered.
        using var closing = lifetime.ApplicationStopping.Register(waiters.Close);
        var (head, scopes) = (strategies.Head, strategies.Scopes);
        while (!stoppingToken.IsCancellationRequested)
        {
            var changed = strategies.Changed.NextAsync();
            var (headNow, scopesNow) = (strategies.Head, strategies.Scopes);
            if (!ReferenceEquals(head, headNow))
            {
                await waiters.WakeAllAsync();
            }
            else if (!ReferenceEquals(scopes, scopesNow))
            {
                await waiters.WakeAsync(scopesNow.ChangedSince(scopes));
            }

            (head, scopes) = (headNow, scopesNow);
            await changed.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
