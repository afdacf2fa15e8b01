using StellaOps.Telemetry.IngestGateway.Journal;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.IngestGateway.Spill;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Exporters;

/// <summary>
/// The exporters that run, each in a loop of its own, and their change while they run: one whose settings changed goes on at the same
/// cursor, a new one begins with what is decided from now on, one that is gone lets go of the log and keeps its place on disk.
/// </summary>
/// <param name="create">Makes an exporter over a cursor; does no I/O.</param>
internal sealed partial class ExporterSet(
    Func<ExporterSettings, ExporterCursor, Exporter> create, SpillStore spill, DecisionJournal journal, string dataPath, TimeProvider time, ILogger<ExporterSet> logger)
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_failureDelay = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private Running[] _running = [];
    private bool _isStarted;

    public IEnumerable<Exporter> Items => Volatile.Read(ref _running).Select(r => r.Exporter);

    /// <summary>The last frame that every exporter has behind it, on disk; null without exporters.</summary>
    public ulong? DoneByAll => Volatile.Read(ref _running) is { Length: > 0 } running ? running.Min(r => r.Exporter.Cursor.Saved) : null;

    /// <summary>Runs these and no others.</summary>
    public void Apply(IReadOnlyList<ExporterSettings> wanted)
    {
        lock (_lock)
        {
            var old = _running.ToDictionary(r => r.Settings.Name);
            var next = new List<Running>();
            foreach (var settings in wanted)
            {
                if (old.Remove(settings.Name, out var known) && known.Settings == settings)
                {
                    next.Add(known);
                    continue;
                }

                var cursor = known?.Exporter.Cursor ?? NewCursor(settings.Name);
                var running = new Running(settings, create(settings, cursor), CancellationTokenSource.CreateLinkedTokenSource(_stop.Token));
                next.Add(running);
                var before = known is null ? Task.CompletedTask : EndAsync(known);
                if (_isStarted)
                {
                    running.Loop = Task.Run(() => RunAsync(running, before), CancellationToken.None);
                }
            }

            foreach (var gone in old.Values)
            {
                _ = EndAsync(gone);
                spill.RemoveHolder(gone.Exporter.Cursor);
                LogRemoved(gone.Settings.Name, gone.Exporter.Status.PendingRecords);
            }

            Volatile.Write(ref _running, [.. next]);
        }
    }

    public void Start()
    {
        lock (_lock)
        {
            _isStarted = true;
            foreach (var running in _running)
            {
                running.Loop = Task.Run(() => RunAsync(running, Task.CompletedTask), CancellationToken.None);
            }
        }
    }

    /// <summary>Ends the loops; what is due is exported by <see cref="FlushAsync"/>.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(Volatile.Read(ref _running).Select(r => r.Loop));
    }

    /// <summary>Makes durable what was taken in; after <see cref="StopAsync"/>.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        foreach (var exporter in Items)
        {
            try
            {
                if (exporter is ArchiveExporter)
                {
                    await exporter.PumpAsync(cancellationToken);
                }

                await exporter.FlushAsync(cancellationToken);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                LogFailed(e, exporter.Name);
            }
        }
    }

    private ExporterCursor NewCursor(string name)
    {
        var cursor = new ExporterCursor(dataPath, name, journal);
        spill.AddHolder(cursor);
        return cursor;
    }

    private async Task EndAsync(Running running)
    {
        await running.Stop.CancelAsync();
        await running.Loop;
        try
        {
            await running.Exporter.FlushAsync(CancellationToken.None);
        }
        catch (IOException e)
        {
            // The next one begins at the cursor, which did not move.
            LogFailed(e, running.Settings.Name);
        }
    }

    private async Task RunAsync(Running running, Task before)
    {
        await before;
        var (exporter, stop) = (running.Exporter, running.Stop.Token);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var committed = journal.Committed.NextAsync();
                await exporter.PumpAsync(stop);
                await Task.WhenAny(committed, Task.Delay(s_tick, time, stop));
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Whatever one exporter meets, the others and the log go on; it begins again at its cursor.
                exporter.Fail(e);
                LogFailed(e, exporter.Name);
                await Task.Delay(s_failureDelay, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(PipelineEventIds.ExporterFailed, LogLevel.Error, "exporter {Exporter} failed and begins again at its cursor")]
    private partial void LogFailed(Exception e, string exporter);

    [LoggerMessage(PipelineEventIds.ExporterRemoved, LogLevel.Warning, "exporter {Exporter} is gone from the profile; {Records} records that it had not exported are no longer kept for it")]
    private partial void LogRemoved(string exporter, long records);

    private sealed class Running(ExporterSettings settings, Exporter exporter, CancellationTokenSource stop)
    {
        public ExporterSettings Settings => settings;

        public Exporter Exporter => exporter;

        public CancellationTokenSource Stop => stop;

        public Task Loop { get; set; } = Task.CompletedTask;
    }
}
