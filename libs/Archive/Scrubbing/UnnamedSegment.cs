using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Segments;

namespace StellaOps.Telemetry.Archive.Scrubbing;

/// <summary>
/// A segment without a manifest: what a writer left that died, whose frames stand in what it wrote when it was back, or one whose manifest
/// was taken away.
/// </summary>
internal sealed class UnnamedSegment(IObjectStore store, string key)
{
    // A segment that claims more was not written by us.
    private const long MostBytes = 16L * 1024 * 1024 * 1024;
    private const int MostRecords = 20_000_000;

    /// <summary>Records of it that none of the chunks holds; null when it cannot be read to its end.</summary>
    /// <param name="chunks">Those of its hour.</param>
    public async Task<long?> CountRecordsOnlyThereAsync(IReadOnlyList<ChunkManifest> chunks, CancellationToken cancellationToken)
    {
        var only = new HashSet<(string Gateway, ulong Sequence, int Index)>();
        try
        {
            var stored = await store.OpenReadAsync(key, cancellationToken).ConfigureAwait(false);
            await using var ofStored = stored.ConfigureAwait(false);
            var frames = new FrameScanner(stored, key, long.MaxValue, MostBytes);
            await using var ofFrames = frames.ConfigureAwait(false);
            while (await frames.MoveNextAsync(cancellationToken).ConfigureAwait(false))
            {
                if (!Envelope.TryRead(frames.EnvelopeBytes, out var envelope) || only.Count > MostRecords)
                {
                    return null;
                }

                only.UnionWith(RecordsOf(envelope));
            }
        }
        catch (Exception e) when (e is ArchiveDamagedException or ObjectNotFoundException)
        {
            return null;
        }

        foreach (var chunk in chunks)
        {
            try
            {
                await foreach (var (envelope, _) in SegmentReader.ReadAsync(store, chunk, cancellationToken).ConfigureAwait(false))
                {
                    only.ExceptWith(RecordsOf(envelope));
                }
            }
            catch (Exception e) when (e is ArchiveDamagedException or ObjectNotFoundException)
            {
                // Found by itself; what it cannot give, it does not have.
            }
        }

        return only.Count;
    }

    private static IEnumerable<(string, ulong, int)> RecordsOf(Envelope envelope) =>
        (envelope.Kept?.Select(k => k.Index) ?? Enumerable.Range(0, envelope.RecordCount)).Select(index => (envelope.GatewayId, envelope.Sequence, index));
}
