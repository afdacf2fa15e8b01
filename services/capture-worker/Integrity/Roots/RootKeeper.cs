using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Npgsql;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Roots;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Archive.Surveys;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Archive;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.ServiceDefaults.Database;

namespace StellaOps.Telemetry.CaptureWorker.Integrity.Roots;

/// <summary>Writes the roots of settled days, and new ones of days that changed since. One worker at a time does.</summary>
internal sealed partial class RootKeeper(
    IObjectStore store,
    SigningIdentity identity,
    NpgsqlDataSource dataSource,
    RootHeadStore heads,
    DatabaseState database,
    IntegrityInstruments instruments,
    IOptions<IntegrityOptions> options,
    TimeProvider time,
    ILogger<RootKeeper> logger) : ArchivePass(dataSource, database, instruments, time)
{
    private static readonly TimeSpan s_all = TimeSpan.FromDays(1);
    private IReadOnlyList<TenantId> _tenants = [];
    private DateTimeOffset _allAt = DateTimeOffset.MinValue;

    // Bounded by tenants and the days that are looked at each time.
    private readonly Dictionary<(TenantId, DateOnly), string> _answeredFor = [];

    protected override string Name => KnownPasses.Roots;

    protected override bool IsEnabled => options.Value.Roots.Enabled;

    protected override TimeSpan Period => options.Value.Roots.Interval;

    protected override async Task RunAsync(ArchiveLock held, CancellationToken cancellationToken)
    {
        var settled = DateOnly.FromDateTime((Time.GetUtcNow() - options.Value.Roots.Settle).UtcDateTime).AddDays(-1);
        var days = await DaysAsync(settled, cancellationToken);
        var known = await heads.AllAsync(cancellationToken);
        foreach (var (tenant, ofTenant) in days)
        {
            await RunAsync(tenant, () => RunAsync(held, tenant, known.GetValueOrDefault(tenant.Value), ofTenant, settled, cancellationToken));
        }
    }

    private async Task RunAsync(ArchiveLock held, TenantId tenant, RootHead? known, IReadOnlyList<DateOnly> days, DateOnly settled, CancellationToken cancellationToken)
    {
        // A chain is read and verified whole before it grows, so only when it is to grow.
        var changed = new Dictionary<DateOnly, string>();
        foreach (var day in days)
        {
            var chunks = await ChunksOfAsync(tenant, day, cancellationToken);
            if (_answeredFor.GetValueOrDefault((tenant, day)) != chunks)
            {
                changed.Add(day, chunks);
            }
        }

        if (changed.Count > 0 && await RenewAsync(held, tenant, known, changed.Keys, cancellationToken))
        {
            foreach (var (day, chunks) in changed.Where(c => c.Key > settled.AddDays(-options.Value.Roots.Days)))
            {
                _answeredFor[(tenant, day)] = chunks;
            }
        }
    }

    /// <summary>Tells two states of a day apart: which chunks it has, there or taken away.</summary>
    private async Task<string> ChunksOfAsync(TenantId tenant, DateOnly day, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var signal in SignalNames.All)
        {
            var names = new SortedSet<string>(StringComparer.Ordinal);
            await foreach (var found in store.ListAsync(ArchiveLayout.DayPrefix(tenant, signal, day), cancellationToken))
            {
                if ((ArchiveLayout.TryGetName(found.Key, ArchiveLayout.ManifestSuffix) ?? ArchiveLayout.TryGetName(found.Key, ArchiveLayout.TombstoneSuffix)) is { } name)
                {
                    names.Add(name);
                }
            }

            hash.AppendData(Encoding.ASCII.GetBytes(string.Join('\n', names) + "\n"));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>What to look at: everything once a day, and the last few days in between.</summary>
    private async Task<IReadOnlyDictionary<TenantId, IReadOnlyList<DateOnly>>> DaysAsync(DateOnly settled, CancellationToken cancellationToken)
    {
        var now = Time.GetUtcNow();
        if (now - _allAt < s_all)
        {
            IReadOnlyList<DateOnly> last = [.. Enumerable.Range(0, options.Value.Roots.Days).Select(i => settled.AddDays(-i))];
            return _tenants.ToDictionary(t => t, _ => last);
        }

        _answeredFor.Clear();
        var survey = await ArchiveSurvey.ReadAsync(store, ArchiveLayout.Root, cancellationToken);
        (_tenants, _allAt) = (survey.Tenants, now);
        return survey.Days.Keys.Where(d => d.Day <= settled).GroupBy(d => d.Tenant).ToDictionary(g => g.Key, g => (IReadOnlyList<DateOnly>)[.. g.Select(d => d.Day)]);
    }

    /// <summary>False when the chain is not whole.</summary>
    private async Task<bool> RenewAsync(ArchiveLock held, TenantId tenant, RootHead? known, IEnumerable<DateOnly> days, CancellationToken cancellationToken)
    {
        try
        {
            var written = await new RootWriter(store, identity.Trust, identity.Key, Time).RenewAsync(
                tenant, known, days, OnDamaged, held.EnsureAsync, cancellationToken);
            if (written.Count > 0)
            {
                var head = written[^1];
                await heads.SetAsync(tenant, new RootHead(head.NumberValue, head.Sha256), cancellationToken);
                Instruments.OnRoots(written.Count);
                Log.Written(logger, tenant.Value, written.Count, head.NumberValue);
            }

            return true;
        }
        catch (RootChainDamagedException e)
        {
            Instruments.OnChainRefused();
            Log.ChainDamaged(logger, tenant.Value, e.Message);
            return false;
        }
    }

    private void OnDamaged(ArchiveDamagedException exception)
    {
        Instruments.OnLeft(Name);
        Log.Damaged(logger, exception.Key, exception.What);
    }

    protected override void OnFailed(string reason) => Log.Failed(logger, reason);

    private static partial class Log
    {
        [LoggerMessage(EventIds.RootsWritten, LogLevel.Information, "day roots of tenant {Tenant}: {Count} written, the newest is {Number}")]
        public static partial void Written(ILogger logger, string tenant, int count, long number);

        [LoggerMessage(EventIds.RootChainDamaged, LogLevel.Error, "no day root is written for tenant {Tenant}: {Reason}; restore the chain from a backup (docs/formats/archive-integrity.md)")]
        public static partial void ChainDamaged(ILogger logger, string tenant, string reason);

        [LoggerMessage(EventIds.RootLeafDamaged, LogLevel.Warning, "no day root answers for '{Key}': {What}")]
        public static partial void Damaged(ILogger logger, string key, string what);

        [LoggerMessage(EventIds.RootsFailed, LogLevel.Warning, "day roots wait: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
