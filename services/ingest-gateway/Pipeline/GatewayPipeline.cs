using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.Egress;
using StellaOps.Telemetry.IngestGateway.Configuration;
using StellaOps.Telemetry.IngestGateway.Exporters;
using StellaOps.Telemetry.IngestGateway.Incidents;
using StellaOps.Telemetry.IngestGateway.Journal;
using StellaOps.Telemetry.IngestGateway.Ledger;
using StellaOps.Telemetry.IngestGateway.Log;
using StellaOps.Telemetry.IngestGateway.Promotion;
using StellaOps.Telemetry.IngestGateway.Replays;
using StellaOps.Telemetry.IngestGateway.Sampling;
using StellaOps.Telemetry.IngestGateway.Spill;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Pipeline;

/// <summary>Everything behind the listeners: one owner of log, sampler, exporters and ledger, opened whole and stopped in order.</summary>
internal sealed partial class GatewayPipeline : IPipelineStatus, IProfileFollower, IHostedService, IDisposable
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_coalesce = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_checkpoint = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_failureDelay = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly ILogger<GatewayPipeline> _logger;
    private readonly IIncidentScopes _incidents;
    private readonly EgressDialer _dialer;
    private readonly FileStream _lockFile;
    private int _disposed;
    private readonly CancellationTokenSource _stop = new();
    private readonly PulseSignal _wake = new();
    private readonly ExporterSet _exporters;
    private Task _sampling = Task.CompletedTask;
    private Task _spilling = Task.CompletedTask;
    private long _nextCheckpoint;
    private GatewaySettings _settings;

    /// <param name="dialer">Null: one of the pipeline's own, under the profile's policy.</param>
    public GatewayPipeline(
        GatewaySettings settings,
        GatewayPipelineOptions options,
        IObjectStore store,
        IIncidentScopes incidents,
        TimeProvider time,
        GatewayPipelineInstruments instruments,
        ILoggerFactory loggers,
        EgressDialer? dialer = null)
    {
        dialer ??= new EgressDialer(settings.Sealed.ToPolicy(), new SystemHostResolver(), null);
        (_settings, _time, _incidents, _dialer, _logger) = (settings, time, incidents, dialer, loggers.CreateLogger<GatewayPipeline>());
        Directory.CreateDirectory(options.DataPath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _lockFile = new FileStream(Path.Combine(options.DataPath, "pipeline.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        var spool = Path.Combine(options.DataPath, "spool");
        Directory.CreateDirectory(spool, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Journal = new DecisionJournal(options.DataPath, settings.Durability == Durability.Fsync, loggers.CreateLogger<DecisionJournal>());
        Log = new BatchLog(settings, options, Journal.MaxSequence + 1, time, loggers.CreateLogger<BatchLog>());
        Ledger = new IngestLedger(options, Log, Journal, time);
        Log.AddHolder(Ledger);
        Replays = new ReplayRegister(options, Log, time, loggers.CreateLogger<ReplayRegister>());
        Log.AddHolder(Replays);
        Sampler = new TailSampler(settings.Sampling, Log, Journal, incidents, IncidentUsage, Ledger, time, instruments);
        Log.AddHolder(Sampler);
        Spill = new SpillStore(options.DataPath, Log, Journal, settings.Recorder.SpillBytes, time, loggers.CreateLogger<SpillStore>());
        Log.AddHolder(Spill);
        var kept = new KeptReader(Log, Spill);
        _exporters = new ExporterSet(
            (exporter, cursor) => exporter switch
            {
                ArchiveExporterSettings archive => new ArchiveExporter(archive, cursor, Journal, kept, store, spool, options.GatewayId, time, instruments),
                OtlpExporterSettings otlp => new OtlpExporter(otlp, cursor, Journal, kept, options.DataPath, options.ExportLinger, dialer, time, instruments, loggers.CreateLogger<OtlpExporter>()),
                DebugExporterSettings debug => new DebugExporter(debug, cursor, Journal, kept, time, loggers.CreateLogger<DebugExporter>()),
                _ => throw new NotSupportedException($"exporter '{exporter.Name}' is of an unknown kind"),
            },
            Spill, Journal, options.DataPath, time, loggers.CreateLogger<ExporterSet>());
        _exporters.Apply(settings.Exporters);
        DeadLetters = new DeadLetterDesk(
            options.DataPath, name => _exporters.Items.OfType<OtlpExporter>().FirstOrDefault(e => e.Name == name), loggers.CreateLogger<DeadLetterDesk>());
        Promoter = new LogPromoter(() => Volatile.Read(ref _settings).ProfileHash, options, Log, Sampler, Ledger, store, time, instruments);
        Ledger.Checkpoint(Journal, UnixNano.Of(time.GetUtcNow()));
        instruments.Observe(this, () => _exporters.Items.ToDictionary(e => e.Name, e => e.Cursor.DeadLettered));
    }

    public BatchLog Log { get; }

    public DecisionJournal Journal { get; }

    /// <summary>The log, as listeners see it: a replay's batch goes into it once.</summary>
    public ReplayRegister Replays { get; }

    public SpillStore Spill { get; }

    public DeadLetterDesk DeadLetters { get; }

    public IngestLedger Ledger { get; }

    public TailSampler Sampler { get; }

    public IncidentUsage IncidentUsage { get; } = new();

    public LogPromoter Promoter { get; }

    public IReadOnlyList<Exporter> ExporterList => [.. _exporters.Items];

    public double RecorderSpanSeconds =>
        Log.FirstAcceptedAtUnixNano is { } first ? Math.Max(0, (UnixNano.Of(_time.GetUtcNow()) - first) / (double)UnixNano.PerSecond) : 0;

    public long LogBytes => Log.FileBytes;

    public long SpillBytes => Spill.Bytes;

    public long LostBatches => Log.LostBatches;

    public string? Trouble => Log.Trouble ?? Spill.Trouble;

    public ulong NextSequence => Log.NextSequence;

    public long? EarliestAcceptedAtUnixNano => Log.FirstAcceptedAtUnixNano;

    public long UndecidedRecords => Sampler.UndecidedRecords;

    public long BufferedTraces => Sampler.BufferedTraces;

    public double SamplingPercent => Ledger.KeptPercent(UnixNano.Of(_time.GetUtcNow()));

    public IReadOnlyList<ExporterStatus> Exporters => [.. _exporters.Items.Select(e => e.Status)];

    /// <summary>Everything behind the log can change while it runs.</summary>
    public IEnumerable<string> FaultsOf(GatewaySettings current, GatewaySettings next) => [];

    public void Apply(GatewaySettings next)
    {
        Log.Apply(next.Recorder, next.Durability);
        Journal.Apply(next.Durability);
        Spill.Apply(next.Recorder.SpillBytes);

        // Before anybody connects under the new profile; who has connections ends those that were made under another policy.
        _dialer.Policy = next.Sealed.ToPolicy();

        // First who exports, then what is decided: a new exporter gets what the new policies decide.
        _exporters.Apply(next.Exporters);
        Sampler.Apply(next.Sampling);
        Volatile.Write(ref _settings, next);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _incidents.Changed += _wake.Pulse;
        _sampling = Task.Run(() => SampleAsync(_stop.Token), CancellationToken.None);
        _spilling = Task.Run(() => Spill.RunAsync(_stop.Token), CancellationToken.None);
        _exporters.Start();
        return Task.CompletedTask;
    }

    /// <summary>1. refuse appends and let those in flight finish; 2. end the loops; 3. decide what is due; 4. flush exporters; 5. checkpoint.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await Log.StopAsync();
        _incidents.Changed -= _wake.Pulse;
        await _stop.CancelAsync();
        await _sampling;
        await _spilling;
        await _exporters.StopAsync();
        PumpSampler();
        await _exporters.FlushAsync(cancellationToken);
        Ledger.Checkpoint(Journal, UnixNano.Of(_time.GetUtcNow()), isLast: true);
        Replays.Checkpoint();
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
            Replays.Checkpoint();
            Journal.Trim(Math.Min(_exporters.DoneByAll ?? ulong.MaxValue, Ledger.CheckpointFrame), Log.FirstSequence);
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
        Spill.Dispose();
        DeadLetters.Dispose();
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
}
