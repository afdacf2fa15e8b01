using StackExchange.Redis;
using StellaOps.Telemetry.Egress;

namespace StellaOps.Telemetry.ServiceDefaults.Redis;

/// <summary>
/// A service's one connection to Redis, made by its dialer. It never holds up a start and never gives up: the multiplexer reconnects by itself, and
/// until the first connection it is asked for again by whoever needs it. One on which nothing has come for seconds, though it was asked, is given up
/// for another: a network may have forgotten it, which nobody would be told of for minutes.
/// </summary>
/// <param name="connectionString">Null: no Redis is configured, and nobody asks for it.</param>
/// <param name="timeout">Of a connection, and of an answer.</param>
/// <param name="configure">What is particular to the service.</param>
public class RedisConnection(string? connectionString, EgressDialer dialer, TimeSpan timeout, Action<ConfigurationOptions> configure) : IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly SilenceWatch _silence = new(TimeSpan.FromSeconds(3));
    private readonly DialedTunnel _tunnel = new(dialer);
    private volatile ConnectionMultiplexer? _multiplexer;

    /// <summary>Raised after every reconnection: messages may have been missed.</summary>
    public event Action? Restored;

    /// <summary>Whether a Redis is configured at all.</summary>
    public bool IsConfigured => connectionString is not null;

    public bool IsConnected => _multiplexer?.IsConnected ?? false;

    public async ValueTask<IDatabase> GetDatabaseAsync(CancellationToken cancellationToken) => (await ConnectAsync(cancellationToken)).GetDatabase();

    /// <exception cref="RedisException">The allowlist does not name it. It is tried again, as anything that is away.</exception>
    public async ValueTask<ConnectionMultiplexer> ConnectAsync(CancellationToken cancellationToken)
    {
        var multiplexer = _multiplexer ?? await MakeAsync(cancellationToken);
        return !multiplexer.IsConnected && _tunnel.Denied is { } denied
            ? throw new RedisException(denied.Message, denied)
            : multiplexer;
    }

    /// <summary>Says how the last command went; null: it was answered.</summary>
    public virtual void Report(Exception? failure)
    {
        if (_silence.IsSilent(failure) && Interlocked.Exchange(ref _multiplexer, null) is { } silent)
        {
            // Nobody waits for the farewell of a connection on which nothing comes.
            _ = Task.Run(silent.Dispose);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_multiplexer is { } multiplexer)
        {
            await multiplexer.DisposeAsync();
        }

        _gate.Dispose();
        GC.SuppressFinalize(this);
    }

    private async Task<ConnectionMultiplexer> MakeAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_multiplexer is null)
            {
                var options = ConfigurationOptions.Parse(connectionString ?? throw new InvalidOperationException("no Redis configured"));
                options.AbortOnConnectFail = false;
                options.ConnectTimeout = options.AsyncTimeout = (int)timeout.TotalMilliseconds;
                options.Tunnel = _tunnel;
                configure(options);
                var made = await ConnectionMultiplexer.ConnectAsync(options);
                made.ConnectionRestored += (_, _) => Restored?.Invoke();
                _multiplexer = made;
            }

            return _multiplexer;
        }
        finally
        {
            _gate.Release();
        }
    }
}
