using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.IngestGateway.Exporters;
using StellaOps.Telemetry.IngestGateway.Incidents;
using StellaOps.Telemetry.IngestGateway.Journal;
using StellaOps.Telemetry.IngestGateway.Ledger;
using StellaOps.Telemetry.IngestGateway.Log;
using StellaOps.Telemetry.IngestGateway.Promotion;
using StellaOps.Telemetry.IngestGateway.Sampling;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Pipeline;

/// <summary>Everything behind the listeners: one owner of log, sampler, exporters and ledger, opened whole and stopped in order.</summary>
internal sealed partial class GatewayPipeline : IPipelineStatus, IHostedService, IDisposable
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_coalesce = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_checkpoint = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_failureDelay = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly ILogger<GatewayPipeline> _logger;
    private readonly IIncidentScopes _incidents;
    private readonly FileStream _lockFile;
    private int _disposed;
    private readonly CancellationTokenSource _stop = new();
    private readonly PulseSignal _wake = new();
    private readonly List<Task> _loops = [];
    private long _nextCheckpoint;

    public GatewayPipeline(
        GatewaySettings settings,
        GatewayPipelineOptions options,
        IObjectStore store,
        IIncidentScopes incidents,
        TimeProvider time,
        GatewayPipelineInstruments instruments,
        ILoggerFactory loggers)
    {
        (_time, _incidents, _logger) = (time, incidents, loggers.CreateLogger<GatewayPipeline>());
        Directory.CreateDirectory(options.DataPath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _lockFile = new FileStream(Path.Combine(options.DataPath, "pipeline.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        var spool = Path.Combine(options.DataPath, "spool");
        Directory.CreateDirectory(spool, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Journal = new DecisionJournal(options.DataPath, settings.Durability == Durability.Fsync, loggers.CreateLogger<DecisionJournal>());
        Log = new BatchLog(settings, options, Journal.MaxSequence + 1, time, loggers.CreateLogger<BatchLog>());
        Ledger = new IngestLedger(options, Log, Journal);
        Log.AddHolder(Ledger);
        Sampler = new TailSampler(settings.Sampling, Log, Journal, incidents, Ledger, time, instruments);
        Log.AddHolder(Sampler);
        foreach (var exporter in settings.Exporters)
        {
            var cursor = new ExporterCursor(options.DataPath, exporter.Name, Journal);
            Log.AddHolder(cursor);
            ExporterList.Add(exporter switch
            {
                ArchiveExporterSettings archive => new ArchiveExporter(archive, cursor, Journal, Log, store, spool, options.GatewayId, time, instruments),
                OtlpExporterSettings otlp => new OtlpExporter(otlp, cursor, Journal, Log, options.DataPath, time, instruments, loggers.CreateLogger<OtlpExporter>()),
                _ => throw new NotSupportedException($"exporter '{exporter.Name}' is of an unknown kind"),
            });
        }

        Promoter = new LogPromoter(settings, options, Log, Sampler, Ledger, store, time, instruments);
        Ledger.Checkpoint(Journal, UnixNano.Of(time.GetUtcNow()));
        instruments.Observe(this, () => ExporterList.ToDictionary(e => e.Name, e => e.Cursor.DeadLettered));
    }

    public BatchLog Log { get; }

    public DecisionJournal Journal { get; }

    public IngestLedger Ledger { get; }

    public TailSampler Sampler { get; }

    public LogPromoter Promoter { get; }

    public List<Exporter> ExporterList { get; } = [];

    public double RecorderSpanSeconds =>
        Log.FirstAcceptedAtUnixNano is { } first ? Math.Max(0, (UnixNano.Of(_time.GetUtcNow()) - first) / (double)UnixNano.PerSecond) : 0;

    public long LogBytes => Log.FileBytes;

    public ulong NextSequence => Log.NextSequence;

    public long? EarliestAcceptedAtUnixNano => Log.FirstAcceptedAtUnixNano;

    public long UndecidedRecords => Sampler.UndecidedRecords;

    public long BufferedTraces => Sampler.BufferedTraces;

    public double SamplingPercent => Ledger.KeptPercent(UnixNano.Of(_time.GetUtcNow()));

    public IReadOnlyList<ExporterStatus> Exporters => [.. ExporterList.Select(e => e.Status)];

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _incidents.Changed += _wake.Pulse;
        _loops.Add(Task.Run(() => SampleAsync(_stop.Token), CancellationToken.None));
        foreach (var exporter in ExporterList)
        {
            _loops.Add(Task.Run(() => ExportAsync(exporter, _stop.Token), CancellationToken.None));
        }

        return Task.CompletedTask;
    }

    /// <summary>1. refuse appends and let those in flight finish; 2. end the loops; 3. decide what is due; 4. flush exporters; 5. checkpoint.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await Log.StopAsync();
        _incidents.Changed -= _wake.Pulse;
        await _stop.CancelAsync();
        await Task.WhenAll(_loops);
        PumpSampler();
        foreach (var exporter in ExporterList)
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
                ExporterFailed(e, exporter.Name);
            }
        }

        Ledger.Checkpoint(Journal, UnixNano.Of(_time.GetUtcNow()));
    }

    /// <summary>Decides all that is due, and now and then checkpoints the ledger and trims the journal.</summary>
    public void PumpSampler()
    {
        while (Sampler.Pump())
        {
        }

        var now = UnixNano.Of(_time.GetUtcNow());
        if (now >= _nextCheckpoint)
        {
            Ledger.Checkpoint(Journal, now);
            Journal.Trim(ExporterList.Select(e => e.Cursor.Saved).Append(Ledger.CheckpointFrame).Min(), Log.FirstSequence);
            _nextCheckpoint = now + (s_checkpoint.Ticks * 100);
        }
    }

    /// <summary>The container calls it once for each service that this object stands for.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
        {
            return;
        }

        _stop.Cancel();
        Log.Dispose();
        Journal.Dispose();
        _lockFile.Dispose();
        _stop.Dispose();
    }

    private async Task SampleAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var appended = Log.Appended.NextAsync();
                var woken = _wake.NextAsync();
                PumpSampler();
                await Task.WhenAny(appended, woken, Task.Delay(s_tick, _time, stop));
                await Task.Delay(s_coalesce, _time, stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e) when (e is IOException or InvalidOperationException)
            {
                SamplerFailed(e);
                await DelayAsync(stop);
            }
        }
    }

    private async Task ExportAsync(Exporter exporter, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var committed = Journal.Committed.NextAsync();
                await exporter.PumpAsync(stop);
                await Task.WhenAny(committed, Task.Delay(s_tick, _time, stop));
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Whatever one exporter meets, the others and the log go on; it begins again at its cursor.
                exporter.Fail(e);
                ExporterFailed(e, exporter.Name);
                await DelayAsync(stop);
            }
        }
    }

    private async Task DelayAsync(CancellationToken stop)
    {
        try
        {
            await Task.Delay(s_failureDelay, _time, stop);
        }
        catch (OperationCanceledException)
        {
            // The loop's condition ends it.
        }
    }

    [LoggerMessage(PipelineEventIds.SamplerFailed, LogLevel.Error, "the sampler stopped at a failure and tries again")]
    private partial void SamplerFailed(Exception e);

    [LoggerMessage(PipelineEventIds.ExporterFailed, LogLevel.Error, "exporter {Exporter} failed and begins again at its cursor")]
    private partial void ExporterFailed(Exception e, string exporter);
}
