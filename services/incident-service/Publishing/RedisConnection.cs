using Microsoft.Extensions.Options;
using StackExchange.Redis;
using StellaOps.Telemetry.ServiceDefaults.Hosting;

namespace StellaOps.Telemetry.IncidentService.Publishing;

/// <summary>
/// The one connection to Redis. It may be away: commands fail at once then, and the connection comes back by itself. One on which nothing has come
/// for seconds, though it was asked, is given up for another: a network may have forgotten it.
/// </summary>
internal sealed class RedisConnection(IOptions<RedisOptions> options, PublishSignal signal) : IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly SilenceWatch _silence = new(TimeSpan.FromSeconds(3));
    private volatile ConnectionMultiplexer? _connection;

    public bool IsConnected => _connection?.IsConnected ?? false;

    public async ValueTask<IDatabase> GetDatabaseAsync(CancellationToken cancellationToken)
    {
        if (_connection is { } connection)
        {
            return connection.GetDatabase();
        }

        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_connection is null)
            {
                var settings = ConfigurationOptions.Parse(options.Value.ConnectionString!);
                settings.AbortOnConnectFail = false;
                settings.BacklogPolicy = BacklogPolicy.FailFast;
                settings.ConnectTimeout = 2000;
                settings.AsyncTimeout = 2000;
                settings.ReconnectRetryPolicy = new LinearRetry(250);
                settings.ClientName = Contracts.KnownServices.IncidentService;
                var made = await ConnectionMultiplexer.ConnectAsync(settings);

                // What it missed while it was away is told at once, not at the next reconciliation.
                made.ConnectionRestored += (_, _) => signal.Raise();
                _connection = made;
            }

            return _connection.GetDatabase();
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Says how the last command went; null: it was answered.</summary>
    public void Report(Exception? failure)
    {
        if (_silence.IsSilent(failure) && Interlocked.Exchange(ref _connection, null) is { } silent)
        {
            // Nobody waits for the farewell of a connection on which nothing comes.
            _ = Task.Run(silent.Dispose);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is { } connection)
        {
            await connection.DisposeAsync();
        }

        _gate.Dispose();
    }
}
