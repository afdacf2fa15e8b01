using System.Globalization;
using System.Security.Cryptography;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Archive.Tombstones;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Archive;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Evidence.Merkle;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.Archive.Roots;

/// <summary>
/// Appends roots to tenants' chains: the first of a day, and another whenever that day has chunks that its newest root does not answer for.
/// One writer at a time: whoever calls holds a lock.
/// </summary>
public sealed class RootWriter(IObjectStore store, TrustStore trust, SigningKey key, TimeProvider time)
{
    private readonly RootStore _roots = new(store, trust);
    private readonly TombstoneStore _tombstones = new(store, trust);

    /// <summary>Brings the roots of days up to what the archive holds. Nothing is written for a day that has not changed.</summary>
    /// <param name="known">The newest root written so far, kept apart from the archive; null when none was.</param>
    /// <param name="days">In any order.</param>
    /// <param name="onDamaged">Told of each manifest and tombstone that cannot be believed: no root answers for it.</param>
    /// <param name="beforeWriting">Awaited right before each root is put: the caller sees whether its lock still holds.</param>
    /// <returns>What was written.</returns>
    /// <exception cref="RootChainDamagedException">The chain is not whole: nothing is built on it.</exception>
    public async Task<IReadOnlyList<DayRoot>> RenewAsync(
        TenantId tenant,
        RootHead? known,
        IEnumerable<DateOnly> days,
        Action<ArchiveDamagedException> onDamaged,
        Func<CancellationToken, Task> beforeWriting,
        CancellationToken cancellationToken)
    {
        var faults = new List<RootFault>();
        var chain = await RootChain.ReadAsync(store, trust, tenant, known, faults.Add, cancellationToken).ConfigureAwait(false);
        ThrowIfAny(faults, tenant);
        var written = new List<DayRoot>();
        var head = chain.Head;
        foreach (var day in days.Distinct().Order())
        {
            var earlier = chain.NewestOf(day);
            IReadOnlyList<RootLeaf> had = earlier is null ? [] : await chain.ReadContinuedLeavesAsync(_roots, earlier, faults.Add, cancellationToken).ConfigureAwait(false) ?? [];
            ThrowIfAny(faults, tenant);
            var added = await NewLeavesAsync(tenant, day, had, onDamaged, cancellationToken).ConfigureAwait(false);
            if (added.Count == 0)
            {
                continue;
            }

            IReadOnlyList<RootLeaf> leaves = [.. had, .. added.OrderBy(l => l.ManifestKey, StringComparer.Ordinal)];
            head = new DayRoot(
                DayRoot.SchemaId,
                tenant,
                ((head?.NumberValue ?? 0) + 1).ToString(CultureInfo.InvariantCulture),
                day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                leaves.Count.ToString(CultureInfo.InvariantCulture),
                Convert.ToHexStringLower(MerkleTree.HeadOf(RootLeaf.HashesOf(leaves))),
                Convert.ToHexStringLower(SHA256.HashData(RootLeaf.WriteList(leaves))),
                ((time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100).ToString(CultureInfo.InvariantCulture),
                head?.Sha256,
                earlier?.Number);
            await beforeWriting(cancellationToken).ConfigureAwait(false);
            await _roots.PutAsync(head, leaves, key, cancellationToken).ConfigureAwait(false);
            written.Add(head);
        }

        return written;
    }

    /// <summary>Chunks of the day, there or taken away, that are not among the leaves.</summary>
    private async Task<List<RootLeaf>> NewLeavesAsync(
        TenantId tenant, DateOnly day, IReadOnlyList<RootLeaf> had, Action<ArchiveDamagedException> onDamaged, CancellationToken cancellationToken)
    {
        var known = had.Select(l => l.ManifestKey).ToHashSet(StringComparer.Ordinal);
        var added = new List<RootLeaf>();
        var catalog = new ArchiveCatalog(store);
        foreach (var signal in SignalNames.All)
        {
            await foreach (var found in store.ListAsync(ArchiveLayout.DayPrefix(tenant, signal, day), cancellationToken).ConfigureAwait(false))
            {
                var isManifest = found.Key.EndsWith(ArchiveLayout.ManifestSuffix, StringComparison.Ordinal);
                if (!isManifest && !found.Key.EndsWith(ArchiveLayout.TombstoneSuffix, StringComparison.Ordinal))
                {
                    continue;
                }

                var manifestKey = isManifest ? found.Key : ArchiveLayout.TryGetName(found.Key, ArchiveLayout.TombstoneSuffix) + ArchiveLayout.ManifestSuffix;
                if (known.Contains(manifestKey))
                {
                    continue;
                }

                try
                {
                    var manifest = isManifest
                        ? await catalog.ReadAsync(found.Key, cancellationToken).ConfigureAwait(false)
                        : (await _tombstones.ReadAsync(found.Key, cancellationToken).ConfigureAwait(false)).Manifest;
                    added.Add(new RootLeaf(manifestKey, InclusionProof.Sha256Of(manifest)));
                    known.Add(manifestKey);
                }
                catch (ArchiveDamagedException e)
                {
                    onDamaged(e);
                }
                catch (ObjectNotFoundException)
                {
                    // Taken away since it was listed; its tombstone comes later in this listing, or in the next pass.
                }
            }
        }

        return added;
    }

    private static void ThrowIfAny(List<RootFault> faults, TenantId tenant)
    {
        if (faults.Count > 0)
        {
            throw new RootChainDamagedException(tenant, faults);
        }
    }
}

/// <summary>A chain of roots is not whole.</summary>
public sealed class RootChainDamagedException(TenantId tenant, IReadOnlyList<RootFault> faults)
    : IOException($"the chain of day roots of tenant {tenant} is damaged: '{faults[0].Key}': {faults[0].What}{(faults.Count > 1 ? $" (and {faults.Count - 1} more)" : "")}")
{
    /// <summary>Everything that was found.</summary>
    public IReadOnlyList<RootFault> Faults { get; } = faults;
}
