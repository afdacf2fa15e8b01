using System.Runtime.CompilerServices;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Tombstones;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Archive.Segments;

/// <summary>
/// Finds segments by their manifests, while compaction and retention go on: what was joined since a listing is found in the chunk that has it
/// now, so nothing is missed. It may be found twice (readers take a record of one gateway, sequence and index once).
/// </summary>
public sealed class ArchiveCatalog(IObjectStore store)
{
    // Each listing that differs from the one before needs somebody who writes to that very hour; this is no place to wait for them to stop.
    private const int MaxListings = 8;

    /// <summary>
    /// The manifests of a tenant's segments that may hold records accepted in the window, in ordinal order of their keys per signal and hour
    /// (but those that replaced others meanwhile come last).
    /// </summary>
    /// <param name="fromUnixNano">First accepted-at, inclusive.</param>
    /// <param name="toUnixNano">Last accepted-at, exclusive.</param>
    /// <param name="onDamaged">Told of each manifest that cannot be read; the rest is still found. A caller that leaves it out gets the exception.</param>
    /// <exception cref="ArchiveDamagedException">A manifest cannot be read, and nobody is told of it otherwise.</exception>
    public async IAsyncEnumerable<ChunkManifest> FindAsync(
        TenantId tenant,
        IReadOnlyCollection<Signal> signals,
        long fromUnixNano,
        long toUnixNano,
        Action<ArchiveDamagedException>? onDamaged,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var signal in signals.Order())
        {
            // A segment never spans two hours, so the hours that the window touches hold all of it.
            for (var hour = ArchiveLayout.HourOf(fromUnixNano); ArchiveLayout.StartOfHour(hour) < toUnixNano; hour++)
            {
                var prefix = ArchiveLayout.HourPrefix(tenant, signal, ArchiveLayout.StartOfHour(hour));
                var names = await ListAsync(prefix, cancellationToken).ConfigureAwait(false);
                var seen = names.ToHashSet(StringComparer.Ordinal);
                var waiting = new Queue<string>(names);
                while (waiting.TryDequeue(out var name))
                {
                    ChunkManifest? manifest = null;
                    try
                    {
                        manifest = await ReadAsync(name + ArchiveLayout.ManifestSuffix, cancellationToken).ConfigureAwait(false);
                    }
                    catch (ArchiveDamagedException e) when (onDamaged is not null)
                    {
                        onDamaged(e);
                    }
                    catch (ObjectNotFoundException)
                    {
                        foreach (var by in (await ReplacedByAsync(name, cancellationToken).ConfigureAwait(false)).Where(seen.Add))
                        {
                            waiting.Enqueue(by);
                        }
                    }

                    if (manifest is not null && manifest.AcceptedFromUnixNano < toUnixNano && manifest.AcceptedToUnixNano >= fromUnixNano)
                    {
                        yield return manifest;
                    }
                }
            }
        }
    }

    /// <summary>
    /// Where a chunk's records are, when its segment was found to be gone after its manifest was read: the chunks that hold them now, or none
    /// when retention took them.
    /// </summary>
    /// <exception cref="ArchiveDamagedException">The chunk is gone, and no tombstone says why.</exception>
    public async Task<IReadOnlyList<ChunkManifest>> FindReplacementsAsync(ChunkManifest gone, CancellationToken cancellationToken)
    {
        var name = ArchiveLayout.TryGetName(gone.ManifestKey, ArchiveLayout.ManifestSuffix)!;
        if (!await store.ExistsAsync(gone.TombstoneKey, cancellationToken).ConfigureAwait(false))
        {
            throw new ArchiveDamagedException(gone.SegmentKey, "it is not there, and no tombstone says why");
        }

        var found = new List<ChunkManifest>();
        var seen = new HashSet<string>(StringComparer.Ordinal) { name };
        var waiting = new Queue<string>(await ReplacedByAsync(name, cancellationToken).ConfigureAwait(false));
        while (waiting.TryDequeue(out var by))
        {
            if (!seen.Add(by))
            {
                continue;
            }

            try
            {
                found.Add(await ReadAsync(by + ArchiveLayout.ManifestSuffix, cancellationToken).ConfigureAwait(false));
            }
            catch (ObjectNotFoundException)
            {
                // Joined again, or retention took it.
                foreach (var next in await ReplacedByAsync(by, cancellationToken).ConfigureAwait(false))
                {
                    waiting.Enqueue(next);
                }
            }
        }

        return found;
    }

    /// <summary>Reads one manifest.</summary>
    /// <exception cref="ArchiveDamagedException">It is none, or not the one that belongs there.</exception>
    /// <exception cref="ObjectNotFoundException">There is none.</exception>
    public async Task<ChunkManifest> ReadAsync(string manifestKey, CancellationToken cancellationToken)
    {
        var bytes = await store.ReadAllAsync(manifestKey, ChunkManifest.MaxBytes, cancellationToken).ConfigureAwait(false);
        if (!ChunkManifest.TryParse(bytes, out var manifest))
        {
            throw new ArchiveDamagedException(manifestKey, "it is no chunk manifest");
        }

        return manifest.ManifestKey == manifestKey
            ? manifest
            : throw new ArchiveDamagedException(manifestKey, $"it is the manifest of '{manifest.ManifestKey}'");
    }

    /// <summary>
    /// Names (with their folder) of the manifests in an hour. A listing is no snapshot: a joined chunk may appear behind it while the old ones
    /// vanish before it. The joined one is complete, and the old ones' tombstones are there, before they vanish, so a further listing differs;
    /// two that are alike have missed nothing. What any of them had is in the result.
    /// </summary>
    private async Task<IReadOnlyCollection<string>> ListAsync(string prefix, CancellationToken cancellationToken)
    {
        var all = new SortedSet<string>(StringComparer.Ordinal);
        HashSet<string>? before = null;
        for (var i = 0; i < MaxListings; i++)
        {
            var keys = new HashSet<string>(StringComparer.Ordinal);
            var isEmpty = true;
            await foreach (var found in store.ListAsync(prefix, cancellationToken).ConfigureAwait(false))
            {
                isEmpty = false;
                if (ArchiveLayout.TryGetName(found.Key, ArchiveLayout.ManifestSuffix) is { } name)
                {
                    all.Add(name);
                    keys.Add(found.Key);
                }
                else if (found.Key.EndsWith(ArchiveLayout.TombstoneSuffix, StringComparison.Ordinal))
                {
                    keys.Add(found.Key);
                }
            }

            if (isEmpty || before?.SetEquals(keys) == true)
            {
                break;
            }

            before = keys;
        }

        return all;
    }

    /// <summary>What a chunk's tombstone says of where its frames are now. It only points: what it points to is judged by itself.</summary>
    private async Task<IReadOnlyList<string>> ReplacedByAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            var envelope = await store.ReadAllAsync(name + ArchiveLayout.TombstoneSuffix, Tombstone.MaxBytes, cancellationToken).ConfigureAwait(false);
            return TombstoneStore.TryReadUnjudged(envelope, out var tombstone)
                ? [.. (tombstone.ReplacedBy ?? []).Select(n => name[..(name.LastIndexOf('/') + 1)] + n)]
                : [];
        }
        catch (ObjectNotFoundException)
        {
            return [];
        }
    }
}
