using Npgsql;
using StackExchange.Redis;
using StellaOps.Telemetry.ServiceDefaults.Database;

namespace StellaOps.Telemetry.CaptureWorker.Gateways;

/// <summary>Keeps the registry up to date while no capture runs.</summary>
internal sealed partial class GatewayWatcher(GatewayRegistry registry, DatabaseState database, TimeProvider time, ILogger<GatewayWatcher> logger) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await database.WaitMigratedAsync(stoppingToken);
        using var timer = new PeriodicTimer(s_interval, time);
        do
        {
            try
            {
                await registry.RememberAsync(stoppingToken);
            }
            catch (Exception e) when (e is RedisException or NpgsqlException or TimeoutException)
            {
                Log.GatewaysUnknown(logger, e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.GatewaysUnknown, LogLevel.Warning, "heartbeats of gateways could not be read or remembered: {Reason}")]
        public static partial void GatewaysUnknown(ILogger logger, string reason);
    }
}
