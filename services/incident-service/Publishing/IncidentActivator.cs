using Npgsql;
using StackExchange.Redis;
using StellaOps.Telemetry.IncidentService.Incidents;

namespace StellaOps.Telemetry.IncidentService.Publishing;

/// <summary>
/// Puts requested incidents in force: 1. gateways are told of the active version; 2. the table says so. Killed between the two, it tells them the
/// same version again, which changes nothing.
/// </summary>
internal sealed class IncidentActivator(IncidentStore incidents, IncidentTeller teller, PublishSignal signal, TimeProvider time)
{
    /// <summary>How long whoever starts an incident is kept waiting for gateways to be told; after that the publisher goes on alone.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>The incident as it is in force; null when it changed meanwhile, or has run out of time.</summary>
    /// <exception cref="RedisException">Redis is away.</exception>
    public async Task<Incident?> ActivateAsync(Incident requested, CancellationToken cancellationToken)
    {
        var active = IncidentMachine.Activate(requested, time.GetUtcNow());
        if (active.Version == requested.Version)
        {
            return null;
        }

        await teller.TellAsync(active, cancellationToken);
        return await incidents.ActivateAsync(active, cancellationToken);
    }

    /// <summary>Tries at once, so that the answer to a start already says "active"; whatever fails here the publisher tries again.</summary>
    public async Task TryActivateAsync(Incident incident, CancellationToken cancellationToken)
    {
        try
        {
            await ActivateAsync(incident, cancellationToken).WaitAsync(Patience, time, cancellationToken);
        }
        catch (Exception e) when (e is RedisException or NpgsqlException or TimeoutException or ObjectDisposedException)
        {
            // Stays requested; the publisher goes on, and logs what keeps it from Redis.
        }
        finally
        {
            // One that was replaced is told now, after this one.
            signal.Raise();
        }
    }
}
