using System.Globalization;
using System.Security.Cryptography;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Roots;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Otlp;

namespace StellaOps.Telemetry.Archive.Scrubbing;

/// <summary>Reads a segment to its last byte and derives its manifest anew.</summary>
internal sealed class ChunkInspector(IObjectStore store)
{
    /// <param name="listedBytes">Length of the segment as it was listed; null when it was not.</param>
    /// <returns>What is wrong; null when nothing is.</returns>
    public async Task<RootFault?> InspectAsync(ChunkManifest manifest, long? listedBytes, CancellationToken cancellationToken)
    {
        if (listedBytes is null && !await store.ExistsAsync(manifest.SegmentKey, cancellationToken).ConfigureAwait(false))
        {
            return Missing(manifest);
        }

        if (listedBytes is { } bytes && bytes < manifest.StoredBytes)
        {
            return new RootFault(KnownFindings.SegmentTruncated, manifest.SegmentKey, $"it has {bytes} bytes of the {manifest.StoredBytes} that its manifest names");
        }

        try
        {
            return Differences(manifest, await DeriveAsync(manifest, cancellationToken).ConfigureAwait(false)) is { Length: > 0 } differences
                ? new RootFault(KnownFindings.ContentDiffers, manifest.SegmentKey, $"its frames give other values than its manifest: {differences}")
                : null;
        }
        catch (ArchiveDamagedException e)
        {
            // The bytes are as signed, so it is the manifest that tells another story; or they are not.
            var kind = await Sha256OfAsync(manifest.SegmentKey, cancellationToken).ConfigureAwait(false) == manifest.StoredSha256 ? KnownFindings.ContentDiffers : KnownFindings.SegmentChanged;
            return new RootFault(kind, manifest.SegmentKey, e.What);
        }
        catch (ObjectNotFoundException)
        {
            return Missing(manifest);
        }
    }

    private static RootFault Missing(ChunkManifest manifest) => new(KnownFindings.SegmentMissing, manifest.SegmentKey, "its manifest is there, it is not");

    /// <summary>Every field of the manifest that follows from the frames.</summary>
    private async Task<ChunkManifest> DeriveAsync(ChunkManifest manifest, CancellationToken cancellationToken)
    {
        var facts = new PayloadFacts();
        var (first, last, from, to) = (ulong.MaxValue, 0UL, long.MaxValue, 0L);
        await foreach (var (envelope, payload) in SegmentReader.ReadAsync(store, manifest, cancellationToken).ConfigureAwait(false))
        {
            facts.Add(envelope.Signal, payload.Span);
            (first, last) = (Math.Min(first, envelope.Sequence), Math.Max(last, envelope.Sequence));
            (from, to) = (Math.Min(from, envelope.AcceptedAtUnixNano), Math.Max(to, envelope.AcceptedAtUnixNano));
            ThrowIfNotCounted(envelope, payload.Span, manifest);
        }

        return manifest with
        {
            Segment = SegmentWriter.NameOf(manifest.GatewayId, first, last, manifest.ContentSha256, manifest.Tier) + (manifest.IsWarm() ? WarmChunk.NameSuffix : ""),
            SequenceFrom = first.ToString(CultureInfo.InvariantCulture),
            SequenceTo = last.ToString(CultureInfo.InvariantCulture),
            AcceptedFrom = from.ToString(CultureInfo.InvariantCulture),
            AcceptedTo = to.ToString(CultureInfo.InvariantCulture),
            Services = facts.Services,
            EventFrom = facts.EventFrom?.ToString(CultureInfo.InvariantCulture),
            EventTo = facts.EventTo?.ToString(CultureInfo.InvariantCulture),
        };
    }

    private static void ThrowIfNotCounted(Envelope envelope, ReadOnlySpan<byte> payload, ChunkManifest manifest)
    {
        var expected = envelope.Kept?.Count ?? envelope.RecordCount;
        var reader = new RecordReader((OtlpSignal)envelope.Signal, payload);
        var records = 0;
        while (records <= expected && reader.TryRead(out _))
        {
            records++;
        }

        if (records != expected || reader.IsMalformed)
        {
            throw new ArchiveDamagedException(manifest.SegmentKey, $"the batch of sequence {envelope.Sequence} does not hold the {expected} records that its envelope counts");
        }
    }

    private static string Differences(ChunkManifest manifest, ChunkManifest derived) => string.Join(", ", new (string Field, string? Is, string? Should)[]
    {
        ("segment", manifest.Segment, derived.Segment),
        ("sequenceFrom", manifest.SequenceFrom, derived.SequenceFrom),
        ("sequenceTo", manifest.SequenceTo, derived.SequenceTo),
        ("acceptedFrom", manifest.AcceptedFrom, derived.AcceptedFrom),
        ("acceptedTo", manifest.AcceptedTo, derived.AcceptedTo),
        ("eventFrom", manifest.EventFrom, derived.EventFrom),
        ("eventTo", manifest.EventTo, derived.EventTo),
        ("services", string.Join('\n', manifest.Services), string.Join('\n', derived.Services)),
    }.Where(f => f.Is != f.Should).Select(f => f.Field));

    private async Task<string> Sha256OfAsync(string key, CancellationToken cancellationToken)
    {
        var stored = await store.OpenReadAsync(key, cancellationToken).ConfigureAwait(false);
        await using var _ = stored.ConfigureAwait(false);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stored, cancellationToken).ConfigureAwait(false));
    }
}
