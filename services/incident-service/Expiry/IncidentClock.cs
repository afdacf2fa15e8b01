using StellaOps.Telemetry.IncidentService.Incidents;
using StellaOps.Telemetry.ServiceDefaults.Database;

namespace StellaOps.Telemetry.IncidentService.Expiry;

/// <summary>Moves incidents on when their time is over. Gateways do not depend on it: they end at <c>expiresAt</c> by their own clock.</summary>
internal sealed partial class IncidentClock(IncidentStore incidents, DatabaseState database, TimeProvider time, ILogger<IncidentClock> logger) : DatabaseWorker(database, time)
{
    protected override TimeSpan Period { get; } = TimeSpan.FromMilliseconds(250);

    public override async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var incident in await incidents.TickAsync(cancellationToken))
        {
            Log.Moved(logger, incident.Id, incident.State);
        }
    }

    protected override void OnFailed(string reason) => Log.Failed(logger, reason);

    private static partial class Log
    {
        [LoggerMessage(EventIds.Moved, LogLevel.Information, "Incident {Id} is {State}")]
        public static partial void Moved(ILogger logger, string id, Contracts.Incidents.IncidentState state);

        [LoggerMessage(EventIds.ExpiryFailed, LogLevel.Warning, "Incidents do not move on until PostgreSQL is back: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
