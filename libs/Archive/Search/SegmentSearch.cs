using System.Buffers;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Otlp;

namespace StellaOps.Telemetry.Archive.Search;

/// <summary>Searches one segment after another; not for use by two threads at once.</summary>
internal sealed class SegmentSearch(IObjectStore store, ArchiveQuery query, RecordMatcher matcher)
{
    private readonly ArrayBufferWriter<byte> _frame = new();

    /// <summary>Adds what matches. When it throws, what it added is of a segment that cannot be trusted.</summary>
    /// <exception cref="ArchiveDamagedException">The segment is not what its manifest says.</exception>
    /// <exception cref="ObjectNotFoundException">It is gone.</exception>
    public async Task AddAsync(ChunkManifest manifest, HitSet hits, CancellationToken cancellationToken)
    {
        var scanner = await SegmentScanner.OpenAsync(store, manifest, isContentHashed: false, cancellationToken).ConfigureAwait(false);
        await using var ofScanner = scanner.ConfigureAwait(false);
        while (await scanner.MoveNextAsync(cancellationToken).ConfigureAwait(false))
        {
            if (matcher.Filter.MayHold(scanner.Payload.Span))
            {
                Add(manifest, scanner.ReadEnvelope(), scanner.Payload.Span, hits);
            }
        }
    }

    private void Add(ChunkManifest manifest, Envelope envelope, ReadOnlySpan<byte> payload, HitSet hits)
    {
        if (envelope.AcceptedAtUnixNano < query.FromUnixNano || envelope.AcceptedAtUnixNano >= query.ToUnixNano)
        {
            return;
        }

        var expected = envelope.Kept?.Count ?? envelope.RecordCount;
        var matching = matcher.Begin();
        var reader = new RecordReader((OtlpSignal)envelope.Signal, payload);
        var ordinal = 0;
        for (; ordinal < expected && reader.TryRead(out var record); ordinal++)
        {
            if (matching.Takes(record))
            {
                // In a partial frame the n-th record is the n-th kept one of the logged batch.
                KeptRecord? kept = envelope.Kept?[ordinal];
                var key = new HitKey(envelope.AcceptedAtUnixNano, envelope.GatewayId, envelope.Sequence, kept?.Index ?? ordinal);
                if (hits.Wants(key))
                {
                    _frame.ResetWrittenCount();
                    CanonicalFrame.Write(record, _frame);
                    hits.Add(new SearchHit(envelope.Signal, key, manifest.Tier, kept is { } k ? envelope.Stamps[k.Stamp] : null, envelope.ReplayMark, _frame.WrittenSpan.ToArray()));
                }
            }
        }

        if (ordinal < expected || reader.TryRead(out _) || reader.IsMalformed)
        {
            throw new ArchiveDamagedException(manifest.SegmentKey, $"the batch of sequence {envelope.Sequence} does not hold the {expected} records that its envelope counts");
        }
    }
}
