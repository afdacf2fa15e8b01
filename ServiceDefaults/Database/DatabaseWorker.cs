using Microsoft.Extensions.Hosting;
using Npgsql;

namespace StellaOps.Telemetry.ServiceDefaults.Database;

/// <summary>
/// Does something again and again, from when the schemas are there. What fails because something is away is done again at the next turn; an outage is
/// said once, for as long as its reason stays the same.
/// </summary>
public abstract class DatabaseWorker(DatabaseState database, TimeProvider time) : BackgroundService
{
    private string? _failure;

    /// <summary>Between the beginnings of two turns.</summary>
    protected abstract TimeSpan Period { get; }

    protected TimeProvider Time { get; } = time;

    /// <summary>One turn.</summary>
    public abstract Task RunAsync(CancellationToken cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await database.WaitMigratedAsync(stoppingToken);
        using var timer = new PeriodicTimer(Period, Time);
        do
        {
            try
            {
                await RunAsync(stoppingToken);
                _failure = null;
            }
            catch (Exception e) when (IsOutage(e))
            {
                if (_failure != e.Message)
                {
                    _failure = e.Message;
                    OnFailed(e.Message);
                }
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Whether the next turn may go better.</summary>
    protected virtual bool IsOutage(Exception exception) => exception is NpgsqlException or TimeoutException;

    /// <summary>Logs it.</summary>
    protected abstract void OnFailed(string reason);
}
