using System.Globalization;
using System.Security.Cryptography;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Archive.Tombstones;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.Archive.Compaction;

/// <summary>
/// Joins small chunks of one tenant, signal, gateway, hour and tier into larger ones. Frames are copied as they are, each once; nothing is
/// lost, so holds do not matter here. Warm chunks stay as they are. One compactor at a time: whoever calls holds a lock.
/// </summary>
/// <remarks>
/// Per gateway: a manifest names one gateway and its range of sequences, which search and ledger rely on.
/// <code>
/// 1. read the old chunks to their ends         4. tombstone of an old chunk, naming the new one
/// 2. segment and manifest of the new one       5. its manifest deleted
/// 3. read the new one back                     6. its segment deleted; 4 to 6 for the next
/// </code>
/// Whoever dies leaves, up to 4, records that stand twice, which every reader takes for one; from there on what <see cref="TombstoneStore.FinishAsync"/> ends.
/// The same old chunks always give the same new one, so that a second attempt meets what the first one left.
/// </remarks>
/// <param name="spoolFolder">On a disk with room for a joined chunk, twice.</param>
public sealed class Compactor(IObjectStore store, TrustStore trust, SigningKey key, CompactionRules rules, string spoolFolder, TimeProvider time)
{
    private readonly ArchiveCatalog _catalog = new(store);
    private readonly TombstoneStore _tombstones = new(store, trust);

    /// <summary>Finishes what a crash cut short, then joins what is small.</summary>
    /// <param name="hourUnixNano">Any moment of the hour. It should be settled: chunks that come later wait for the next time.</param>
    /// <param name="onLeft">Told of each object, by its key, that cannot be believed or deleted: it is left as it is.</param>
    /// <param name="beforeDeleting">Awaited before the first old chunk of a group goes: the caller sees whether its lock still holds.</param>
    public async Task<IReadOnlyList<CompactionResult>> RunAsync(
        TenantId tenant,
        Signal signal,
        long hourUnixNano,
        Action<string, IOException> onLeft,
        Func<CancellationToken, Task> beforeDeleting,
        CancellationToken cancellationToken)
    {
        var prefix = ArchiveLayout.HourPrefix(tenant, signal, hourUnixNano);
        await _tombstones.FinishAsync(prefix, onLeft, cancellationToken).ConfigureAwait(false);
        var small = new List<ChunkManifest>();
        await foreach (var found in store.ListAsync(prefix, cancellationToken).ConfigureAwait(false))
        {
            if (found.Key.EndsWith(ArchiveLayout.ManifestSuffix, StringComparison.Ordinal) && await TryReadAsync(found.Key, onLeft, cancellationToken).ConfigureAwait(false) is { } manifest
                && manifest.StoredBytes <= rules.SmallBytes && !manifest.IsWarm())
            {
                small.Add(manifest);
            }
        }

        var results = new List<CompactionResult>();
        foreach (var group in small.GroupBy(m => (m.GatewayId, m.Tier)))
        {
            foreach (var batch in Batches([.. group.OrderBy(m => ulong.Parse(m.SequenceFrom, CultureInfo.InvariantCulture)).ThenBy(m => m.Segment, StringComparer.Ordinal)]))
            {
                // A damaged chunk stays as it is, for the scrubber to report; each attempt has one less.
                for (var chunks = batch; chunks.Count >= rules.LeastChunks;)
                {
                    var (result, damaged) = await JoinAsync(chunks, beforeDeleting, cancellationToken).ConfigureAwait(false);
                    results.AddRange(result is null ? [] : [result]);
                    if (damaged is null)
                    {
                        break;
                    }

                    onLeft(damaged.Key, damaged);
                    chunks = [.. chunks.Where(c => c.SegmentKey != damaged.Key && c.ManifestKey != damaged.Key)];
                    if (chunks.Count == batch.Count)
                    {
                        // Not one of the old ones: what was just written cannot be read back.
                        break;
                    }
                }
            }
        }

        return results;
    }

    private IEnumerable<IReadOnlyList<ChunkManifest>> Batches(IReadOnlyList<ChunkManifest> chunks)
    {
        var batch = new List<ChunkManifest>();
        foreach (var chunk in chunks)
        {
            if (batch.Count > 0 && batch.Sum(c => c.ContentBytes) + chunk.ContentBytes > rules.MostBytes)
            {
                if (batch.Count >= rules.LeastChunks)
                {
                    yield return batch;
                }

                batch = [];
            }

            batch.Add(chunk);
        }

        if (batch.Count >= rules.LeastChunks)
        {
            yield return batch;
        }
    }

    private async Task<(CompactionResult? Result, ArchiveDamagedException? Damaged)> JoinAsync(
        IReadOnlyList<ChunkManifest> chunks, Func<CancellationToken, Task> beforeDeleting, CancellationToken cancellationToken)
    {
        var first = chunks[0];
        using var writer = new SegmentWriter(first.Tenant, first.Signal, first.GatewayId, first.Tier, spoolFolder);
        try
        {
            // 1. A sender's batch is one frame of one sequence; the same frame again is what an earlier attempt that died left.
            var seen = new HashSet<(ulong, string)>();
            foreach (var chunk in chunks)
            {
                await foreach (var (envelope, payload) in SegmentReader.ReadAsync(store, chunk, cancellationToken).ConfigureAwait(false))
                {
                    if (seen.Add((envelope.Sequence, IdentityOf(envelope, payload.Span))))
                    {
                        writer.Append(envelope, payload.Span);
                    }
                }
            }

            // 2. and 3. What replaces others is read as it will be read by others, before they go.
            var joined = await writer.CompleteAsync(store, cancellationToken).ConfigureAwait(false);
            await foreach (var _ in SegmentReader.ReadAsync(store, await _catalog.ReadAsync(joined.ManifestKey, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false))
            {
            }

            await beforeDeleting(cancellationToken).ConfigureAwait(false);
            var replaced = chunks.Where(c => c.Segment != joined.Segment).ToList();
            foreach (var chunk in replaced)
            {
                // 4. to 6. Who took it away meanwhile, for its age, has said so.
                if (!await store.ExistsAsync(chunk.TombstoneKey, cancellationToken).ConfigureAwait(false))
                {
                    await _tombstones.RemoveAsync(Tombstone.Compacted(chunk, [joined.Segment], rules.Text, time.GetUtcNow()), key, cancellationToken).ConfigureAwait(false);
                }
            }

            return (replaced.Count == 0 ? null : new CompactionResult(replaced, joined), null);
        }
        catch (ArchiveDamagedException e)
        {
            return (null, e);
        }
        catch (ObjectNotFoundException)
        {
            // Taken away for its age meanwhile: the rest is for the next time.
            return (null, null);
        }
    }

    private static string IdentityOf(Envelope envelope, ReadOnlySpan<byte> payload)
    {
        var head = new System.Buffers.ArrayBufferWriter<byte>();
        envelope.WriteTo(head);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(head.WrittenSpan);
        hash.AppendData(payload);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private async Task<ChunkManifest?> TryReadAsync(string manifestKey, Action<string, IOException> onLeft, CancellationToken cancellationToken)
    {
        try
        {
            return await _catalog.ReadAsync(manifestKey, cancellationToken).ConfigureAwait(false);
        }
        catch (ArchiveDamagedException e)
        {
            onLeft(manifestKey, e);
        }
        catch (ObjectNotFoundException)
        {
            // Taken away since it was listed.
        }

        return null;
    }
}
