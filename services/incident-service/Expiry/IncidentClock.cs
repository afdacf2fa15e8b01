using Npgsql;
using StellaOps.Telemetry.IncidentService.Incidents;
using StellaOps.Telemetry.ServiceDefaults.Database;

namespace StellaOps.Telemetry.IncidentService.Expiry;

/// <summary>Moves incidents on when their time is over. Gateways do not depend on it: they end at <c>expiresAt</c> by their own clock.</summary>
internal sealed partial class IncidentClock(IncidentStore incidents, DatabaseState database, TimeProvider time, ILogger<IncidentClock> logger) : BackgroundService
{
    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(250);
    private bool _failing;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await database.WaitMigratedAsync(stoppingToken);
        using var timer = new PeriodicTimer(s_period, time);
        do
        {
            try
            {
                foreach (var incident in await incidents.TickAsync(stoppingToken))
                {
                    Log.Moved(logger, incident.Id, incident.State);
                }

                _failing = false;
            }
            catch (NpgsqlException e)
            {
                if (!_failing)
                {
                    Log.Failed(logger, e.Message);
                }

                _failing = true;
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.Moved, LogLevel.Information, "Incident {Id} is {State}")]
        public static partial void Moved(ILogger logger, string id, Contracts.Incidents.IncidentState state);

        [LoggerMessage(EventIds.ExpiryFailed, LogLevel.Warning, "Incidents do not move on until PostgreSQL is back: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
