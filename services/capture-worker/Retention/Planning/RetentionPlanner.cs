using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.CaptureWorker.Retention.Policy;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Archive;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Profiles.Model;

namespace StellaOps.Telemetry.CaptureWorker.Retention.Planning;

/// <summary>
/// Decides what becomes of a tenant's chunks; the sweeper and the plan that people see are both this. First every chunk is counted, if a rule
/// by size asks for it, then each is decided, oldest first. It keeps sums and no chunk.
/// </summary>
/// <remarks>
/// 1. What a hold or an unfinished capture may cover stays. 2. What is older than it is kept goes. 3. While a tenant's tier, or one signal of it,
/// has more bytes than it may, its oldest goes; of what stays by 1 or goes by 2 nothing counts. 4. What is old enough is rewritten smaller.
/// </remarks>
/// <param name="untilUnixNano">Not before now. Later: what will have gone by then is told too, as if nothing more came.</param>
internal sealed class RetentionPlanner(RetentionPolicy policy, TenantId tenant, IReadOnlyList<Protection> protections, long nowUnixNano, long untilUnixNano)
{
    private const long NanosecondsPerTick = 100;
    private readonly Dictionary<(string Tier, Signal? Signal), long> _bytes = [];

    /// <summary>Whether chunks have to be counted before the first is decided.</summary>
    public bool NeedsCount => policy.Tiers.Any(t => t.MaxBytesOf(tenant.Value) is not null || SignalNames.All.Any(s => t.MaxBytesOf(tenant.Value, s) is not null));

    /// <summary>Everything at once.</summary>
    /// <param name="oldestFirst">By accepted-at of the first frame.</param>
    public static IEnumerable<RetentionDecision> Plan(
        RetentionPolicy policy, TenantId tenant, IReadOnlyList<Protection> protections, IReadOnlyList<ChunkManifest> oldestFirst, long nowUnixNano, long untilUnixNano)
    {
        var planner = new RetentionPlanner(policy, tenant, protections, nowUnixNano, untilUnixNano);
        foreach (var chunk in oldestFirst)
        {
            planner.Count(chunk);
        }

        return [.. oldestFirst.Select(planner.Decide)];
    }

    /// <summary>Takes a chunk into the sums.</summary>
    public void Count(ChunkManifest chunk)
    {
        if (policy.Of(chunk.Tier) is { } tier && ExpiresAt(chunk, tier) > nowUnixNano && !protections.Any(p => p.Covers(chunk)))
        {
            Add(chunk, chunk.StoredBytes);
        }
    }

    /// <summary>Decides one chunk.</summary>
    public RetentionDecision Decide(ChunkManifest chunk)
    {
        if (policy.Of(chunk.Tier) is not { } tier)
        {
            return new RetentionDecision(chunk, ArchiveAction.Keep, "", long.MaxValue, []);
        }

        var expiresAt = ExpiresAt(chunk, tier);
        var heldBy = protections.Where(p => p.Covers(chunk)).Select(p => p.Id).ToList();
        if (heldBy.Count > 0)
        {
            return expiresAt <= untilUnixNano
                ? new RetentionDecision(chunk, ArchiveAction.Held, KeepRule(chunk, tier), expiresAt, heldBy)
                : new RetentionDecision(chunk, ArchiveAction.Keep, "", expiresAt, heldBy);
        }

        if (expiresAt <= nowUnixNano)
        {
            return new RetentionDecision(chunk, ArchiveAction.Expire, KeepRule(chunk, tier), expiresAt, []);
        }

        if (OverSizeRule(chunk, tier) is { } rule)
        {
            Add(chunk, -chunk.StoredBytes);
            return new RetentionDecision(chunk, ArchiveAction.Size, rule, nowUnixNano, []);
        }

        if (expiresAt <= untilUnixNano)
        {
            return new RetentionDecision(chunk, ArchiveAction.Expire, KeepRule(chunk, tier), expiresAt, []);
        }

        return tier.WarmAfterOf(tenant.Value, chunk.Signal) is { } warmAfter && !chunk.IsWarm() && After(chunk, warmAfter) <= untilUnixNano
            ? new RetentionDecision(chunk, ArchiveAction.Warm, WarmRule(chunk, warmAfter), After(chunk, warmAfter), [])
            : new RetentionDecision(chunk, ArchiveAction.Keep, "", expiresAt, []);
    }

    /// <summary>Whether nothing is decided but to keep, of chunks of this hour and every later one.</summary>
    public bool IsDoneAt(long hourStartUnixNano) =>
        policy.Tiers.All(t => SignalNames.All.All(s => hourStartUnixNano > untilUnixNano - Nanoseconds(Earliest(t, s)))) && !IsOverSize();

    private TimeSpan Earliest(RetentionTier tier, Signal signal)
    {
        var keep = tier.KeepOf(tenant.Value, signal);
        return tier.WarmAfterOf(tenant.Value, signal) is { } warm && warm < keep ? warm : keep;
    }

    private bool IsOverSize() => _bytes.Any(b => (policy.Of(b.Key.Tier) is { } tier
        ? b.Key.Signal is { } signal ? tier.MaxBytesOf(tenant.Value, signal) : tier.MaxBytesOf(tenant.Value)
        : null) is { } limit && b.Value > limit);

    private string? OverSizeRule(ChunkManifest chunk, RetentionTier tier)
    {
        var name = NameOf(chunk);
        if (tier.MaxBytesOf(tenant.Value, chunk.Signal) is { } ofSignal && _bytes.GetValueOrDefault((chunk.Tier, chunk.Signal)) > ofSignal)
        {
            return $"profile {policy.Profile}: tier {name} holds at most {ProfileWords.Size(ofSignal)} of {chunk.Signal.ToName()} of tenant {tenant}";
        }

        return tier.MaxBytesOf(tenant.Value) is { } ofTenant && _bytes.GetValueOrDefault((chunk.Tier, null)) > ofTenant
            ? $"profile {policy.Profile}: tier {name} holds at most {ProfileWords.Size(ofTenant)} of tenant {tenant}"
            : null;
    }

    private string KeepRule(ChunkManifest chunk, RetentionTier tier) =>
        $"profile {policy.Profile}: tier {NameOf(chunk)} keeps {chunk.Signal.ToName()} of tenant {tenant} for {ProfileWords.Duration(tier.KeepOf(tenant.Value, chunk.Signal))}";

    private string WarmRule(ChunkManifest chunk, TimeSpan warmAfter) =>
        $"profile {policy.Profile}: tier {NameOf(chunk)} is warm {ProfileWords.Duration(warmAfter)} after {chunk.Signal.ToName()} of tenant {tenant} came";

    private static string NameOf(ChunkManifest chunk) => chunk.Tier == KnownTiers.Default ? RetentionPolicy.Sampled : chunk.Tier;

    private long ExpiresAt(ChunkManifest chunk, RetentionTier tier) => After(chunk, tier.KeepOf(tenant.Value, chunk.Signal));

    // The chunk's last frame has to be as old: never is anything younger than the rule says.
    private static long After(ChunkManifest chunk, TimeSpan age) =>
        long.MaxValue - chunk.AcceptedToUnixNano < Nanoseconds(age) ? long.MaxValue : chunk.AcceptedToUnixNano + Nanoseconds(age);

    private static long Nanoseconds(TimeSpan age) => age.Ticks * NanosecondsPerTick;

    private void Add(ChunkManifest chunk, long bytes)
    {
        foreach (var scope in (ReadOnlySpan<Signal?>)[null, chunk.Signal])
        {
            _bytes[(chunk.Tier, scope)] = _bytes.GetValueOrDefault((chunk.Tier, scope)) + bytes;
        }
    }
}
