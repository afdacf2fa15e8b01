using StellaOps.Telemetry.Archive.Compaction;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Roots;
using StellaOps.Telemetry.Archive.Scrubbing;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Archive.Tombstones;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Archive;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Tests.Shared.Auth;

namespace StellaOps.Telemetry.Archive.Tests.TestServices;

/// <summary>What a capture worker does to an archive.</summary>
internal sealed class TestArchive : IDisposable
{
    public static readonly DateOnly Day = new(2026, 3, 1);

    private readonly TestIdentities _identities = new();

    public TrustStore Trust => _identities.Trust;

    public SigningKey Key => _identities.Key(KnownServices.CaptureWorker);

    public SigningKey Stranger => _identities.Key(TestIdentities.Stranger);

    public FixedTime Time { get; } = new(Chunks.Later);

    public Task<IReadOnlyList<DayRoot>> RootAsync(IObjectStore store, RootHead? known = null, params DateOnly[] days) => new RootWriter(store, Trust, Key, Time).RenewAsync(
        Chunks.Tenant, known, days.Length == 0 ? [Day] : days, e => throw e, _ => Task.CompletedTask, default);

    public Task<IReadOnlyList<CompactionResult>> CompactAsync(IObjectStore store, CompactionRules? rules = null, Action<string, IOException>? onLeft = null) =>
        new Compactor(store, Trust, Key, rules ?? new CompactionRules(1024 * 1024, 64 * 1024 * 1024, 2), Path.GetTempPath(), Time).RunAsync(
            Chunks.Tenant, Signal.Traces, Chunks.HalfPastTen, onLeft ?? ((_, e) => throw e), _ => Task.CompletedTask, default);

    public Task RemoveAsync(IObjectStore store, ChunkManifest manifest) =>
        new TombstoneStore(store, Trust).RemoveAsync(Tombstone.Deleted(manifest, TombstoneReason.Expired, "kept for a day", Time.Now), Key, default);

    public async Task<ScrubReport> ScrubAsync(IObjectStore store, RootHead? known = null, ScrubScope? scope = null)
    {
        var tally = new ScrubTally();
        var manner = ScrubManner.Plain with { KnownHead = t => t == Chunks.Tenant ? known : null };
        await new ArchiveScrubber(store, Trust, manner, Time).RunAsync(scope ?? new ScrubScope(), tally, null, _ => Task.CompletedTask, default);
        return tally.ToReport();
    }

    /// <summary>Scrubs, and fails with what was found.</summary>
    public async Task<ScrubReport> AssertSoundAsync(IObjectStore store, RootHead? known = null)
    {
        var report = await ScrubAsync(store, known);
        Assert.True(report.FindingCount == 0, string.Join('\n', report.Findings));
        return report;
    }

    public async Task<RootChain> ChainAsync(IObjectStore store) =>
        await RootChain.ReadAsync(store, Trust, Chunks.Tenant, null, f => Assert.Fail(f.ToString()), default);

    public void Dispose() => _identities.Dispose();
}
