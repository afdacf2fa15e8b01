using System.Diagnostics.CodeAnalysis;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.Archive.Tombstones;

/// <summary>
/// Takes chunks away and tells what was there. A chunk goes in three steps, tombstone put, manifest deleted, segment deleted, so that after a
/// crash between any two of them the chunk is either whole or has its tombstone, and <see cref="FinishAsync"/> does the rest.
/// </summary>
/// <param name="trust">Whose tombstones are believed: keys of the use <see cref="KnownKeyUses.Archive"/>.</param>
public sealed class TombstoneStore(IObjectStore store, TrustStore trust)
{
    /// <summary>Takes a chunk away. Doing it again does no harm.</summary>
    /// <param name="key">Of the use <see cref="KnownKeyUses.Archive"/>.</param>
    public async Task RemoveAsync(Tombstone tombstone, SigningKey key, CancellationToken cancellationToken)
    {
        // 1. From here on the chunk is gone for everybody who asks why it is not there.
        var envelope = Dsse.Sign(Tombstone.PayloadType, tombstone.ToJson(), key, withKeyId: true);
        await store.PutAsync(tombstone.Key, envelope, cancellationToken).ConfigureAwait(false);

        // 2. and 3.
        await DeleteAsync(tombstone.Manifest, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads one tombstone.</summary>
    /// <exception cref="ArchiveDamagedException">It is none, not signed by a key that may, or not the one that belongs there.</exception>
    /// <exception cref="ObjectNotFoundException">There is none.</exception>
    public async Task<Tombstone> ReadAsync(string tombstoneKey, CancellationToken cancellationToken)
    {
        var envelope = await store.ReadAllAsync(tombstoneKey, Tombstone.MaxBytes, cancellationToken).ConfigureAwait(false);
        if (!trust.TryOpen(envelope, Tombstone.PayloadType, KnownKeyUses.Archive, out var payload, out _))
        {
            throw new ArchiveDamagedException(tombstoneKey, $"it is not signed by a key that the trust file names for '{KnownKeyUses.Archive}'");
        }

        if (!Tombstone.TryParse(payload.Span, out var tombstone))
        {
            throw new ArchiveDamagedException(tombstoneKey, "it is no tombstone");
        }

        return tombstone.Key == tombstoneKey ? tombstone : throw new ArchiveDamagedException(tombstoneKey, $"it is the tombstone of '{tombstone.Manifest.Segment}'");
    }

    /// <summary>What stands where the chunk was; null when nothing does.</summary>
    /// <exception cref="ArchiveDamagedException">As <see cref="ReadAsync"/>.</exception>
    public async Task<Tombstone?> FindAsync(ChunkManifest manifest, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(manifest.TombstoneKey, cancellationToken).ConfigureAwait(false);
        }
        catch (ObjectNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Finishes deletions that a crash cut short.</summary>
    /// <param name="prefix">Where to look; ends with a slash: an hour's, a signal's or a tenant's folder.</param>
    /// <param name="onLeft">Told of each tombstone, by its key, that cannot be believed (an <see cref="ArchiveDamagedException"/>), or beside which the store
    /// would not delete; what stands there is left, and the others are finished.</param>
    /// <returns>The tombstones whose chunks were still there.</returns>
    public async Task<IReadOnlyList<Tombstone>> FinishAsync(string prefix, Action<string, IOException> onLeft, CancellationToken cancellationToken)
    {
        var finished = new List<Tombstone>();
        string? left = null;
        await foreach (var found in store.ListAsync(prefix, cancellationToken).ConfigureAwait(false))
        {
            // In the order of keys a chunk's manifest and segment come right before its tombstone.
            if (ArchiveLayout.TryGetName(found.Key, ArchiveLayout.ManifestSuffix) is { } ofManifest)
            {
                left = ofManifest;
            }
            else if (ArchiveLayout.TryGetName(found.Key, ArchiveLayout.SegmentSuffix) is { } ofSegment)
            {
                left = ofSegment;
            }
            else if (left is not null && ArchiveLayout.TryGetName(found.Key, ArchiveLayout.TombstoneSuffix) == left)
            {
                try
                {
                    var tombstone = await ReadAsync(found.Key, cancellationToken).ConfigureAwait(false);
                    await ThrowIfNotReplacedAsync(tombstone, cancellationToken).ConfigureAwait(false);
                    await DeleteAsync(tombstone.Manifest, cancellationToken).ConfigureAwait(false);
                    finished.Add(tombstone);
                }
                catch (IOException e)
                {
                    onLeft(found.Key, e);
                }
            }
        }

        return finished;
    }

    /// <summary>Reads an envelope without asking who signed it: for where to look, never for what to believe.</summary>
    internal static bool TryReadUnjudged(ReadOnlySpan<byte> envelope, [NotNullWhen(true)] out Tombstone? tombstone)
    {
        tombstone = null;
        return Dsse.TryParse(envelope, out var parsed) && parsed.PayloadType == Tombstone.PayloadType && Tombstone.TryParse(parsed.Payload.Span, out tombstone);
    }

    private async Task DeleteAsync(ChunkManifest manifest, CancellationToken cancellationToken)
    {
        await store.DeleteAsync(manifest.ManifestKey, cancellationToken).ConfigureAwait(false);
        await store.DeleteAsync(manifest.SegmentKey, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The frames of a compacted chunk are deleted only while those that took them over are there, or were taken away themselves.</summary>
    private async Task ThrowIfNotReplacedAsync(Tombstone tombstone, CancellationToken cancellationToken)
    {
        var folder = tombstone.Key[..(tombstone.Key.LastIndexOf('/') + 1)];
        foreach (var name in tombstone.ReplacedBy ?? [])
        {
            if (!await store.ExistsAsync(folder + name + ArchiveLayout.ManifestSuffix, cancellationToken).ConfigureAwait(false)
                && !await store.ExistsAsync(folder + name + ArchiveLayout.TombstoneSuffix, cancellationToken).ConfigureAwait(false))
            {
                throw new ArchiveDamagedException(tombstone.Key, $"its frames should stand in '{name}', which is not there");
            }
        }
    }
}
