using StellaOps.Telemetry.IncidentService.Incidents;
using StellaOps.Telemetry.IncidentService.Usage;
using StellaOps.Telemetry.ServiceDefaults.Database;

namespace StellaOps.Telemetry.IncidentService.Limits;

/// <summary>Holds open incidents to their ceilings, every second. Several replicas may do so: they judge by the same table, one at a time.</summary>
internal sealed partial class IncidentThrottle(
    IncidentStore incidents, IncidentCeilings ceilings, IncidentUsageState usage, DatabaseState database, TimeProvider time, ILogger<IncidentThrottle> logger) : DatabaseWorker(database, time)
{
    protected override TimeSpan Period { get; } = TimeSpan.FromSeconds(1);

    /// <summary>Looks first without a lock: most of the time there is nothing to do.</summary>
    public override async Task RunAsync(CancellationToken cancellationToken)
    {
        var open = await incidents.ReadOpenAsync(cancellationToken);
        if (open.Count == 0)
        {
            return;
        }

        var rates = open.ToDictionary(i => i.Id, i => i.EffectiveRate, StringComparer.Ordinal);
        var lastStep = await incidents.ReadLastThrottledAsync(cancellationToken);
        if (Judge(open).All(g => rates[g.Key] == g.Value.Rate))
        {
            return;
        }

        foreach (var changed in await incidents.ThrottleAsync(Judge, cancellationToken))
        {
            Log.Stepped(logger, changed.Id, changed.EffectiveRate, changed.SamplingRate);
        }

        IReadOnlyDictionary<string, RateGrant> Judge(IReadOnlyList<Incident> of) => ceilings.Judge(of, usage.SpansPerSecond, lastStep, Time.GetUtcNow());
    }

    protected override void OnFailed(string reason) => Log.Failed(logger, reason);

    private static partial class Log
    {
        [LoggerMessage(EventIds.RateStepped, LogLevel.Warning, "Incident {Id} may keep {Rate} of the {Asked} asked")]
        public static partial void Stepped(ILogger logger, string id, double rate, double asked);

        [LoggerMessage(EventIds.ThrottleFailed, LogLevel.Warning, "Ceilings of incidents are not looked after until PostgreSQL is back: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
