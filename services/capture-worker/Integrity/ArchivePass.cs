using Npgsql;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.ServiceDefaults.Database;

namespace StellaOps.Telemetry.CaptureWorker.Integrity;

/// <summary>Goes over the whole archive from time to time. One worker at a time does.</summary>
internal abstract class ArchivePass(NpgsqlDataSource dataSource, DatabaseState database, IntegrityInstruments instruments, TimeProvider time) : DatabaseWorker(database, time)
{
    /// <summary>What it does: one of <see cref="KnownPasses"/>.</summary>
    protected abstract string Name { get; }

    /// <summary>Whether this worker does it at all.</summary>
    protected abstract bool IsEnabled { get; }

    protected IntegrityInstruments Instruments { get; } = instruments;

    /// <summary>One pass, as soon as nothing else is at the archive, of this worker or another.</summary>
    public override async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Passes have the same interval and begin together: who left it at that would lose to the same one each time.
            while (!await ArchiveLock.TryRunAsync(dataSource, held => RunAsync(held, cancellationToken), cancellationToken))
            {
                await Task.Delay(ArchiveLock.AskAgainAfter, Time, cancellationToken);
            }
        }
        catch (Exception e) when (IsOutage(e))
        {
            Instruments.OnPassFailed(Name);
            throw;
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => IsEnabled ? base.ExecuteAsync(stoppingToken) : Task.CompletedTask;

    protected override bool IsOutage(Exception exception) => exception is IOException || base.IsOutage(exception);

    protected abstract Task RunAsync(ArchiveLock held, CancellationToken cancellationToken);

    /// <summary>A tenant's part of a pass: where the archive fails it, the other tenants still have theirs.</summary>
    protected async Task RunAsync(TenantId tenant, Func<Task> part)
    {
        try
        {
            await part();
        }
        catch (IOException e)
        {
            Instruments.OnPassFailed(Name);
            OnFailed($"tenant {tenant}: {e.Message}");
        }
    }
}
