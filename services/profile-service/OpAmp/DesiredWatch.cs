using StellaOps.Telemetry.OpAmp;
using StellaOps.Telemetry.ProfileService.Agents;
using StellaOps.Telemetry.ServiceDefaults.Database;

namespace StellaOps.Telemetry.ProfileService.OpAmp;

/// <summary>Learns what agents should run, whichever replica decided it, and offers it at once to those that are connected here.</summary>
internal sealed partial class DesiredWatch(
    ChannelWatch watch, DesiredStore store, AgentRegistry registry, FleetServer server, TimeProvider time, ILogger<DesiredWatch> logger) : BackgroundService
{
    private const int PushesAtOnce = 16;
    private static readonly TimeSpan s_compareEvery = TimeSpan.FromMinutes(1);
    private long _revision;
    private long _comparedAt;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        watch.RunAsync(DesiredStore.Channel, LookAsync, reason => Log.NotRead(logger, reason), stoppingToken);

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var changes = await store.ReadAfterAsync(_revision, cancellationToken);
        foreach (var (uid, counter, _) in changes)
        {
            registry.Desire(new InstanceUid(uid), counter);
        }

        if (_comparedAt == 0 || time.GetElapsedTime(_comparedAt) >= s_compareEvery)
        {
            registry.KeepDesired(await store.ReadUidsAsync(cancellationToken));
            _comparedAt = time.GetTimestamp();
        }

        registry.OnDesiredRead();
        await Parallel.ForEachAsync(
            changes,
            new ParallelOptions { MaxDegreeOfParallelism = PushesAtOnce, CancellationToken = cancellationToken },
            async (change, token) => await server.PushAsync(new InstanceUid(change.Uid), token));
        if (changes.Count > 0)
        {
            _revision = changes[^1].Revision;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.DesiredNotRead, LogLevel.Warning, "Not hearing of rollouts, trying again: {Reason}")]
        public static partial void NotRead(ILogger logger, string reason);
    }
}
