using System.Threading.Channels;
using Microsoft.Extensions.Options;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.CaptureWorker.Jobs;
using StellaOps.Telemetry.CaptureWorker.Sorting;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.CaptureWorker.Reading;

/// <summary>
/// Reads everything that the archive holds of a job's window, from every gateway and tier, into the sorters. A chunk that is damaged or gone is
/// left out whole and named: half of it would make a bundle that nobody can make again. A store that fails is another matter: the job is tried
/// again, since an outage must not become an incomplete bundle.
/// </summary>
internal sealed class WindowReader(IObjectStore store, IOptions<CaptureOptions> options)
{
    /// <summary>Frames decompressed ahead of the one that is taken apart.</summary>
    private const int FramesAhead = 4;

    /// <param name="folder">For what does not fit in memory.</param>
    /// <param name="report">Takes how far it is, 0 to 1.</param>
    /// <exception cref="CaptureFailedException">There is more than the job may take, or than the disk holds.</exception>
    public async Task<WindowContent> ReadAsync(CaptureJob job, string folder, Action<double> report, CancellationToken cancellationToken)
    {
        var missing = new List<MissingChunk>();
        var found = new List<ChunkManifest>();
        var catalog = new ArchiveCatalog(store);
        await foreach (var manifest in catalog.FindAsync(
            job.Tenant, [.. SignalNames.All], job.FromUnixNano, job.ToUnixNano, e => missing.Add(new MissingChunk(e.Key, e.What, null)), cancellationToken))
        {
            if (job.Services.Count == 0 || manifest.Services.Any(job.Services.Contains))
            {
                found.Add(manifest);
            }
        }

        var budget = new ContentBudget(job, options.Value);
        budget.ThrowIfTooMuch(found, folder);
        var voided = new HashSet<int>();
        var memory = new SortMemory(options.Value.SortBlockBytes);
        var signals = SignalNames.All.ToDictionary(s => s, s => new SignalContent(s, Path.Combine(folder, s.ToName()), memory, voided));
        try
        {
            var reading = new ChunkReading(job, signals, budget);
            var read = new List<ChunkManifest>();
            var total = Math.Max(1, found.Sum(m => m.StoredBytes));
            var done = 0L;

            var known = found.Select(m => m.ManifestKey).ToHashSet(StringComparer.Ordinal);

            // Signal by signal: they share the sort's memory.
            foreach (var ofSignal in found.GroupBy(m => m.Signal))
            {
                var waiting = new Queue<ChunkManifest>(ofSignal);
                while (waiting.TryDequeue(out var manifest))
                {
                    try
                    {
                        if (await ReadAsync(reading, manifest, cancellationToken) is { } reason)
                        {
                            voided.Add(reading.Chunk);
                            missing.Add(new MissingChunk(manifest.SegmentKey, reason, manifest.Records));
                        }
                        else
                        {
                            reading.Commit();
                            read.Add(manifest);
                        }
                    }
                    catch (ObjectNotFoundException)
                    {
                        // Joined with others, or taken by retention, since it was found. What is read twice by that is sorted out as copies are.
                        voided.Add(reading.Chunk);
                        foreach (var replacement in (await FollowAsync(catalog, manifest, missing, cancellationToken)).Where(r => known.Add(r.ManifestKey)))
                        {
                            waiting.Enqueue(replacement);
                        }
                    }

                    done += manifest.StoredBytes;
                    report(Math.Min(1, (double)done / total));
                }

                await signals[ofSignal.Key].Sorter.SealAsync();
            }

            memory.Release();
            return new WindowContent(signals, read, missing, reading.Replays);
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

    private static async Task<IReadOnlyList<ChunkManifest>> FollowAsync(ArchiveCatalog catalog, ChunkManifest gone, List<MissingChunk> missing, CancellationToken cancellationToken)
    {
        try
        {
            var replacements = await catalog.FindReplacementsAsync(gone, cancellationToken);
            if (replacements.Count == 0)
            {
                missing.Add(new MissingChunk(gone.SegmentKey, "retention took it while the window was read", gone.Records));
            }

            return replacements;
        }
        catch (ArchiveDamagedException e)
        {
            missing.Add(new MissingChunk(e.Key, e.What, gone.Records));
            return [];
        }
    }

    /// <summary>Takes in one chunk; otherwise says why nothing of it can be used. One thread decompresses and checks, this one takes apart.</summary>
    /// <exception cref="ObjectNotFoundException">It is gone.</exception>
    private async Task<string?> ReadAsync(ChunkReading reading, ChunkManifest manifest, CancellationToken cancellationToken)
    {
        reading.Begin();
        var frames = Channel.CreateBounded<SegmentFrame>(new BoundedChannelOptions(FramesAhead) { SingleReader = true, SingleWriter = true, FullMode = BoundedChannelFullMode.Wait });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var producing = Task.Run(() => ProduceAsync(manifest, frames.Writer, stop.Token), CancellationToken.None);
        try
        {
            await foreach (var frame in frames.Reader.ReadAllAsync(cancellationToken))
            {
                if (reading.Add(frame, cancellationToken) is { } wrong)
                {
                    return wrong;
                }
            }

            return null;
        }
        catch (ArchiveDamagedException e)
        {
            return e.What;
        }
        finally
        {
            await stop.CancelAsync();
            await producing;
        }
    }

    private async Task ProduceAsync(ChunkManifest manifest, ChannelWriter<SegmentFrame> frames, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var frame in SegmentReader.ReadAsync(store, manifest, cancellationToken))
            {
                await frames.WriteAsync(frame, cancellationToken);
            }

            frames.Complete();
        }
        catch (Exception e)
        {
            // Whoever reads them meets it.
            frames.Complete(e);
        }
    }
}
