using System.Buffers;
using Microsoft.Extensions.Options;
using StellaOps.Telemetry.Archive;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Search;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.CaptureWorker.Jobs;
using StellaOps.Telemetry.CaptureWorker.Sorting;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Replays;
using StellaOps.Telemetry.Otlp;

namespace StellaOps.Telemetry.CaptureWorker.Reading;

/// <summary>
/// Reads everything that the archive holds of a job's window, from every gateway and tier, into the sorters. A damaged segment is left out
/// whole and named: half of it would make a bundle that nobody can make again.
/// </summary>
internal sealed class WindowReader(IObjectStore store, IOptions<CaptureOptions> options)
{
    /// <param name="folder">For what does not fit in memory.</param>
    /// <param name="report">Takes how far it is, 0 to 1.</param>
    public async Task<WindowContent> ReadAsync(CaptureJob job, string folder, Action<double> report, CancellationToken cancellationToken)
    {
        var gaps = new List<string>();
        var found = new List<ChunkManifest>();
        var catalog = new ArchiveCatalog(store);
        await foreach (var manifest in catalog.FindAsync(
            job.Tenant, [.. SignalNames.All], job.FromUnixNano, job.ToUnixNano, e => gaps.Add($"chunk {e.Key} is left out: {e.What}"), cancellationToken))
        {
            found.Add(manifest);
        }

        var signals = SignalNames.All.ToDictionary(s => s, s => new SignalContent(s, Path.Combine(folder, s.ToName()), options.Value.SortBlockBytes));
        try
        {
            var reading = new Reading(store, job, signals);
            var read = new List<ChunkManifest>();
            var total = Math.Max(1, found.Sum(m => m.StoredBytes));
            var done = 0L;
            var waiting = new Queue<ChunkManifest>(found);
            var known = found.Select(m => m.ManifestKey).ToHashSet(StringComparer.Ordinal);
            while (waiting.TryDequeue(out var manifest))
            {
                try
                {
                    // Frames are acted on as they come, so the digest is checked before the first one.
                    if (await SegmentReader.IsWholeAsync(store, manifest, cancellationToken))
                    {
                        await reading.AddAsync(manifest, cancellationToken);
                        read.Add(manifest);
                    }
                    else
                    {
                        gaps.Add($"chunk {manifest.SegmentKey} is left out: its stored bytes are not those that its manifest names");
                    }
                }
                catch (ObjectNotFoundException)
                {
                    // Joined with others, or taken by retention, since it was found. What is read twice by that is sorted out as copies are.
                    foreach (var replacement in (await FollowAsync(catalog, manifest, gaps, cancellationToken)).Where(r => known.Add(r.ManifestKey)))
                    {
                        waiting.Enqueue(replacement);
                    }
                }

                done += manifest.StoredBytes;
                report((double)done / total);
            }

            return new WindowContent(signals, read, gaps, reading.Replays);
        }
        catch
        {
            foreach (var signal in signals.Values)
            {
                signal.Dispose();
            }

            throw;
        }
    }

    private static async Task<IReadOnlyList<ChunkManifest>> FollowAsync(ArchiveCatalog catalog, ChunkManifest gone, List<string> gaps, CancellationToken cancellationToken)
    {
        try
        {
            var replacements = await catalog.FindReplacementsAsync(gone, cancellationToken);
            if (replacements.Count == 0)
            {
                gaps.Add($"chunk {gone.SegmentKey} is left out: retention took it while the window was read");
            }

            return replacements;
        }
        catch (ArchiveDamagedException e)
        {
            gaps.Add($"chunk {e.Key} is left out: {e.What}");
            return [];
        }
    }

    /// <summary>One reading of a window.</summary>
    private sealed class Reading(IObjectStore store, CaptureJob job, Dictionary<Signal, SignalContent> signals)
    {
        private const int MaxReplays = 1000;

        private readonly RecordMatcher _matcher = new(new RecordQuery { Services = job.Services, TraceId = job.TraceId });
        private readonly Dictionary<string, int> _gateways = new(StringComparer.Ordinal);
        private readonly ArrayBufferWriter<byte> _frame = new();
        private readonly SortedSet<string> _replays = new(StringComparer.Ordinal);

        public IReadOnlyCollection<string> Replays => _replays;

        public async Task AddAsync(ChunkManifest manifest, CancellationToken cancellationToken)
        {
            await foreach (var (envelope, payload) in SegmentReader.ReadAsync(store, manifest, cancellationToken))
            {
                if (envelope.AcceptedAtUnixNano >= job.FromUnixNano && envelope.AcceptedAtUnixNano < job.ToUnixNano)
                {
                    Add(envelope, payload.Span, manifest.SegmentKey);
                }
            }
        }

        private void Add(Envelope envelope, ReadOnlySpan<byte> payload, string key)
        {
            var content = signals[envelope.Signal];
            if (_replays.Count < MaxReplays && ReplayMark.TryParse(envelope.ReplayMark, out var mark))
            {
                _replays.Add(mark.ReplayId);
            }

            if (!_gateways.TryGetValue(envelope.GatewayId, out var gateway))
            {
                _gateways.Add(envelope.GatewayId, gateway = _gateways.Count);
            }

            if (envelope.Signal != Signal.Traces)
            {
                content.Retransmissions.Add(envelope.BatchHash.Span, gateway, envelope.GatewayId, envelope.Sequence, envelope.AcceptedAtUnixNano);
            }

            var matching = _matcher.Begin();
            var reader = new RecordReader((OtlpSignal)envelope.Signal, payload);
            var expected = envelope.Kept?.Count ?? envelope.RecordCount;
            var ordinal = 0;
            for (; ordinal < expected && reader.TryRead(out var record); ordinal++)
            {
                if (matching.Takes(record))
                {
                    // In a partial frame the n-th record is the n-th kept one of the logged batch.
                    var index = envelope.Kept is { } kept ? kept[ordinal].Index : ordinal;
                    _frame.ResetWrittenCount();
                    CanonicalFrame.Write(record, _frame);
                    content.Sorter.Add(CanonicalFrame.KeyOf(record), new RecordOrigin(gateway, envelope.Sequence, index), _frame.WrittenSpan);
                }
            }

            if (ordinal < expected || reader.TryRead(out _) || reader.IsMalformed)
            {
                throw new CaptureFailedException(
                    $"chunk {key}: the batch of gateway {envelope.GatewayId}, sequence {envelope.Sequence}, does not hold the {expected} records that its envelope counts");
            }
        }
    }
}
