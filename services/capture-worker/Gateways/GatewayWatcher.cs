using StackExchange.Redis;
using StellaOps.Telemetry.ServiceDefaults.Database;

namespace StellaOps.Telemetry.CaptureWorker.Gateways;

/// <summary>Keeps the registry up to date while no capture runs.</summary>
internal sealed partial class GatewayWatcher(GatewayRegistry registry, DatabaseState database, TimeProvider time, ILogger<GatewayWatcher> logger) : DatabaseWorker(database, time)
{
    protected override TimeSpan Period { get; } = TimeSpan.FromSeconds(5);

    public override Task RunAsync(CancellationToken cancellationToken) => registry.RememberAsync(cancellationToken);

    protected override bool IsOutage(Exception exception) => exception is RedisException or ObjectDisposedException || base.IsOutage(exception);

    protected override void OnFailed(string reason) => Log.GatewaysUnknown(logger, reason);

    private static partial class Log
    {
        [LoggerMessage(EventIds.GatewaysUnknown, LogLevel.Warning, "heartbeats of gateways could not be read or remembered: {Reason}")]
        public static partial void GatewaysUnknown(ILogger logger, string reason);
    }
}
