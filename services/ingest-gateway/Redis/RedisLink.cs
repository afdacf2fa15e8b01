using StackExchange.Redis;
using StellaOps.Telemetry.Egress;
using StellaOps.Telemetry.ServiceDefaults.Redis;

namespace StellaOps.Telemetry.IngestGateway.Redis;

/// <summary>The gateway's connection to Redis, which says once that it is away, and once that it is back.</summary>
internal sealed partial class RedisLink(string? connectionString, EgressDialer dialer, ILogger<RedisLink> logger)
    : RedisConnection(connectionString, dialer, TimeSpan.FromSeconds(1), Configure)
{
    private volatile bool _saidUnreachable;

    /// <summary>Does something with Redis if it is there; if not, that is reported, and nothing is done later.</summary>
    public async Task TryAsync(Func<IDatabase, Task> action, CancellationToken cancellationToken)
    {
        try
        {
            await action(await GetDatabaseAsync(cancellationToken));
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            Report(e);
        }
    }

    public override void Report(Exception? failure)
    {
        base.Report(failure);
        if (failure is not null && !_saidUnreachable)
        {
            _saidUnreachable = true;
            Log.Unreachable(logger, failure.Message);
        }
        else if (failure is null && _saidUnreachable)
        {
            _saidUnreachable = false;
            Log.Reachable(logger);
        }
    }

    private static void Configure(ConfigurationOptions options)
    {
        options.ConnectRetry = 1;
        options.ReconnectRetryPolicy = new LinearRetry(500);
        options.HeartbeatInterval = TimeSpan.FromMilliseconds(500);
        options.ClientName = "ingest-gateway";
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.RedisUnreachable, LogLevel.Warning, "Redis not reachable; incidents in force stay until they expire: {Reason}")]
        public static partial void Unreachable(ILogger logger, string reason);

        [LoggerMessage(EventIds.RedisReachable, LogLevel.Information, "Redis reachable again")]
        public static partial void Reachable(ILogger logger);
    }
}
