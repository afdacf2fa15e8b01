using Microsoft.Extensions.Options;
using Npgsql;
using StellaOps.Telemetry.Archive.Compaction;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Archive.Surveys;
using StellaOps.Telemetry.CaptureWorker.Jobs;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.ServiceDefaults.Database;

namespace StellaOps.Telemetry.CaptureWorker.Integrity.Compaction;

/// <summary>Joins small chunks of settled hours. One worker at a time does.</summary>
internal sealed partial class CompactionService(
    IObjectStore store,
    SigningIdentity identity,
    NpgsqlDataSource dataSource,
    DatabaseState database,
    IntegrityInstruments instruments,
    IOptions<IntegrityOptions> options,
    TimeProvider time,
    ILogger<CompactionService> logger) : ArchivePass(dataSource, database, instruments, time)
{
    private const int HoursPerDay = 24;
    private static readonly TimeSpan s_survey = TimeSpan.FromHours(1);
    private readonly HashSet<string> _left = new(StringComparer.Ordinal);
    private IReadOnlyList<TenantId> _tenants = [];
    private DateTimeOffset _surveyedAt = DateTimeOffset.MinValue;

    protected override string Name => KnownPasses.Compaction;

    protected override bool IsEnabled => options.Value.Compaction.Enabled;

    protected override TimeSpan Period => options.Value.Compaction.Interval;

    protected override async Task RunAsync(ArchiveLock held, CancellationToken cancellationToken)
    {
        var compaction = options.Value.Compaction;
        var now = Time.GetUtcNow();
        if (now - _surveyedAt >= s_survey)
        {
            (_tenants, _surveyedAt) = ((await ArchiveSurvey.ReadAsync(store, ArchiveLayout.Root, cancellationToken)).Tenants, now);
        }

        var rules = new CompactionRules(compaction.SmallBytes, compaction.MostContentBytes, compaction.LeastChunks);
        var spool = compaction.SpoolPath.Length > 0 ? compaction.SpoolPath : Path.GetTempPath();
        var compactor = new Compactor(store, identity.Trust, identity.Key, rules, spool, Time);
        var last = ArchiveLayout.HourOf(UnixNano.Of(now - compaction.Settle)) - 1;
        foreach (var tenant in _tenants)
        {
            await RunAsync(tenant, async () =>
            {
                for (var hour = last; hour > last - (compaction.Days * HoursPerDay); hour--)
                {
                    foreach (var signal in SignalNames.All)
                    {
                        await RunAsync(compactor, held, tenant, signal, ArchiveLayout.StartOfHour(hour), cancellationToken);
                    }
                }
            });
        }
    }

    private async Task RunAsync(Compactor compactor, ArchiveLock held, TenantId tenant, Signal signal, long hour, CancellationToken cancellationToken)
    {
        foreach (var result in await compactor.RunAsync(tenant, signal, hour, OnLeft, held.EnsureAsync, cancellationToken))
        {
            Instruments.OnJoined(result.Replaced.Count);
            Log.Joined(logger, result.Replaced.Count, result.By.SegmentKey);
        }
    }

    /// <summary>It is found again in each pass, counted each time, and said once.</summary>
    private void OnLeft(string key, IOException exception)
    {
        Instruments.OnLeft(Name);
        if (_left.Add(key))
        {
            Log.Left(logger, key, exception.Message);
        }
    }

    protected override void OnFailed(string reason) => Log.Failed(logger, reason);

    private static partial class Log
    {
        [LoggerMessage(EventIds.ChunksJoined, LogLevel.Information, "{Count} chunks are joined into '{Key}'")]
        public static partial void Joined(ILogger logger, int count, string key);

        [LoggerMessage(EventIds.CompactionLeft, LogLevel.Warning, "'{Key}' is not joined with others: {What}")]
        public static partial void Left(ILogger logger, string key, string what);

        [LoggerMessage(EventIds.CompactionFailed, LogLevel.Warning, "compaction waits: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
