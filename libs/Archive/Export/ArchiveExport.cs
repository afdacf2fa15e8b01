using System.Buffers;
using System.Runtime.InteropServices;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Otlp;

namespace StellaOps.Telemetry.Archive.Export;

/// <summary>
/// Writes what a tenant sent in a window (by accepted-at) to a file of the Collector's form: batches as they were logged, each record once. A damaged
/// segment is left out whole and named.
/// </summary>
public sealed class ArchiveExport(IObjectStore store)
{
    /// <summary>Runs an export. Only the writer's completion makes it a whole file.</summary>
    /// <param name="onProgress">Called after each segment.</param>
    public async Task<ExportProgress> RunAsync(
        TenantId tenant,
        long fromUnixNano,
        long toUnixNano,
        IReadOnlyCollection<Signal> signals,
        CollectorFileWriter writer,
        Action<ExportProgress>? onProgress,
        CancellationToken cancellationToken)
    {
        var progress = new ExportProgress();
        var (first, last) = (ArchiveLayout.HourOf(fromUnixNano), ArchiveLayout.HourOf(toUnixNano - 1));
        for (var hour = first; hour <= last; hour++)
        {
            var (from, to) = (Math.Max(fromUnixNano, ArchiveLayout.StartOfHour(hour)), Math.Min(toUnixNano, ArchiveLayout.StartOfHour(hour + 1)));
            foreach (var signal in signals.Distinct().Order())
            {
                // Copies have the same accepted-at, so they are of the same hour.
                var seen = new SeenRecords();
                foreach (var manifest in await ListAsync(tenant, signal, from, to, progress, cancellationToken).ConfigureAwait(false))
                {
                    await TakeAsync(manifest, from, to, seen, writer, progress, cancellationToken).ConfigureAwait(false);
                    onProgress?.Invoke(progress);
                }
            }

            progress.Done = (double)(hour - first + 1) / (last - first + 1);
            onProgress?.Invoke(progress);
        }

        return progress;
    }

    /// <summary>Promoted segments first: they hold whole batches, which need no cutting.</summary>
    private async Task<List<ChunkManifest>> ListAsync(TenantId tenant, Signal signal, long from, long to, ExportProgress progress, CancellationToken cancellationToken)
    {
        var found = new List<ChunkManifest>();
        await foreach (var manifest in new ArchiveCatalog(store).FindAsync(
            tenant, [signal], from, to, e => progress.Gaps.Add($"chunk {e.Key} is left out: {e.What}"), cancellationToken).ConfigureAwait(false))
        {
            found.Add(manifest);
        }

        return [.. found.OrderBy(m => m.Tier == KnownTiers.Promoted ? 0 : 1).ThenBy(m => m.AcceptedFromUnixNano).ThenBy(m => m.Segment, StringComparer.Ordinal)];
    }

    private async Task TakeAsync(
        ChunkManifest manifest, long from, long to, SeenRecords seen, CollectorFileWriter writer, ExportProgress progress, CancellationToken cancellationToken)
    {
        try
        {
            if (await SegmentReader.IsWholeAsync(store, manifest, cancellationToken).ConfigureAwait(false))
            {
                await WriteAsync(manifest, from, to, seen, writer, progress, cancellationToken).ConfigureAwait(false);
                return;
            }

            progress.Gaps.Add($"chunk {manifest.SegmentKey} is left out: its stored bytes are not those that its manifest names");
        }
        catch (ObjectNotFoundException)
        {
            // Joined with others, or taken by retention, since it was listed.
            try
            {
                var replacements = await new ArchiveCatalog(store).FindReplacementsAsync(manifest, cancellationToken).ConfigureAwait(false);
                foreach (var replacement in replacements)
                {
                    await TakeAsync(
                        replacement, Math.Max(from, manifest.AcceptedFromUnixNano), Math.Min(to, manifest.AcceptedToUnixNano + 1), seen, writer, progress, cancellationToken).ConfigureAwait(false);
                }

                if (replacements.Count == 0)
                {
                    progress.Gaps.Add($"chunk {manifest.SegmentKey} is left out: retention took it while it was read");
                }
            }
            catch (ArchiveDamagedException e)
            {
                progress.Gaps.Add($"chunk {e.Key} is left out: {e.What}");
            }
        }
    }

    private async Task WriteAsync(
        ChunkManifest manifest, long from, long to, SeenRecords seen, CollectorFileWriter writer, ExportProgress progress, CancellationToken cancellationToken)
    {
        var slice = new ArrayBufferWriter<byte>();
        var scanner = await SegmentScanner.OpenAsync(store, manifest, isContentHashed: false, cancellationToken).ConfigureAwait(false);
        await using var ofScanner = scanner.ConfigureAwait(false);
        while (await scanner.MoveNextAsync(cancellationToken).ConfigureAwait(false))
        {
            var envelope = scanner.ReadEnvelope();
            if (envelope.AcceptedAtUnixNano < from || envelope.AcceptedAtUnixNano >= to)
            {
                continue;
            }

            var places = seen.TakeNew(envelope);
            var carried = envelope.Kept?.Count ?? envelope.RecordCount;
            progress.Copies += carried - places.Count;
            if (places.Count == 0)
            {
                continue;
            }

            var request = scanner.Payload;
            if (places.Count < carried)
            {
                slice.ResetWrittenCount();
                if (!OtlpSlicer.Slice((OtlpSignal)envelope.Signal, request.Span, CollectionsMarshal.AsSpan(places), slice))
                {
                    throw new ArchiveDamagedException(manifest.SegmentKey, $"the batch of sequence {envelope.Sequence} does not hold the {carried} records that its envelope counts");
                }

                request = slice.WrittenMemory;
            }

            await writer.WriteAsync(envelope.Signal, request, cancellationToken).ConfigureAwait(false);
            progress.Requests++;
            progress.Records[envelope.Signal] = progress.Records.GetValueOrDefault(envelope.Signal) + places.Count;
        }
    }
}
