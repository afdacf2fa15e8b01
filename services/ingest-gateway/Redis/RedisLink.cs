using StackExchange.Redis;
using StellaOps.Telemetry.Egress;
using StellaOps.Telemetry.ServiceDefaults.Hosting;

namespace StellaOps.Telemetry.IngestGateway.Redis;

/// <summary>
/// The one connection to Redis. Never blocks a start and never gives up: the multiplexer reconnects by itself; until the first connection it is
/// asked for again by whoever needs it. <see cref="Restored"/> is raised after every (re)connection, because messages may have been missed.
/// A connection on which nothing has come for seconds, though it was asked, is given up for another: it may be one that a network forgot, which
/// nobody would be told of for minutes.
/// </summary>
internal sealed partial class RedisLink(string? connectionString, EgressDialer dialer, ILogger<RedisLink> logger) : IAsyncDisposable
{
    private readonly SemaphoreSlim _connecting = new(1, 1);
    private readonly SilenceWatch _silence = new(TimeSpan.FromSeconds(3));
    private volatile ConnectionMultiplexer? _multiplexer;
    private volatile bool _saidUnreachable;

    public event Action? Restored;

    /// <summary>Whether a Redis is configured at all.</summary>
    public bool IsConfigured => connectionString is not null;

    public async Task<ConnectionMultiplexer> ConnectAsync(CancellationToken cancellationToken)
    {
        if (_multiplexer is { } known)
        {
            return known;
        }

        await _connecting.WaitAsync(cancellationToken);
        try
        {
            if (_multiplexer is null)
            {
                var options = ConfigurationOptions.Parse(connectionString ?? throw new InvalidOperationException("no Redis configured"));
                options.AbortOnConnectFail = false;
                options.ConnectRetry = 1;
                options.ConnectTimeout = 1000;
                options.AsyncTimeout = 1000;
                options.ReconnectRetryPolicy = new LinearRetry(500);
                options.HeartbeatInterval = TimeSpan.FromMilliseconds(500);
                options.ClientName = "ingest-gateway";
                options.Tunnel = new DialedTunnel(dialer);
                var multiplexer = await ConnectionMultiplexer.ConnectAsync(options);
                multiplexer.ConnectionRestored += (_, _) => Restored?.Invoke();
                _multiplexer = multiplexer;
            }

            return _multiplexer;
        }
        finally
        {
            _connecting.Release();
        }
    }

    /// <summary>Does something with Redis if it is there; if not, that is reported, and nothing is done later.</summary>
    public async Task TryAsync(Func<IDatabase, Task> action, CancellationToken cancellationToken)
    {
        try
        {
            await action((await ConnectAsync(cancellationToken)).GetDatabase());
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            Report(e);
        }
    }

    /// <summary>Says once that Redis is away, and once that it is back.</summary>
    public void Report(Exception? failure)
    {
        if (_silence.IsSilent(failure) && Interlocked.Exchange(ref _multiplexer, null) is { } silent)
        {
            // Nobody waits for the farewell of a connection on which nothing comes.
            _ = Task.Run(silent.Dispose);
        }

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

    public async ValueTask DisposeAsync()
    {
        _connecting.Dispose();
        if (_multiplexer is { } multiplexer)
        {
            await multiplexer.DisposeAsync();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.RedisUnreachable, LogLevel.Warning, "Redis not reachable; incidents in force stay until they expire: {Reason}")]
        public static partial void Unreachable(ILogger logger, string reason);

        [LoggerMessage(EventIds.RedisReachable, LogLevel.Information, "Redis reachable again")]
        public static partial void Reachable(ILogger logger);
    }
}
