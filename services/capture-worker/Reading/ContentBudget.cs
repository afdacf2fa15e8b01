using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.CaptureWorker.Jobs;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.CaptureWorker.Reading;

/// <summary>
/// Holds a capture to its size: canonical frames that are sorted, uncompressed, copies included. Refuses before anything is read what the
/// manifests show to be too much already, and otherwise at the record that exceeds it.
/// </summary>
internal sealed class ContentBudget(CaptureJob job, CaptureOptions options)
{
    /// <summary>The sort's entries besides the frames, and one part of the archive uncompressed and compressed.</summary>
    private const double DiskFactor = 1.1;

    private const long DiskForParts = 2L << 30;
    private const int MaxServicesNamed = 8;

    private readonly long _limit = job.MaxContentBytes ?? options.MaxContentBytes;
    private long _taken;

    /// <exception cref="CaptureFailedException">It is.</exception>
    public void ThrowIfTooMuch(IReadOnlyList<ChunkManifest> chunks, string folder)
    {
        // With a filter the manifests do not tell how much of them is wanted.
        if (job.Services.Count > 0 || job.TraceId is not null)
        {
            return;
        }

        var bySignal = chunks.GroupBy(c => c.Signal).ToDictionary(g => g.Key, g => g.GroupBy(c => c.GatewayId).Sum(AtLeast));
        var total = bySignal.Values.Sum();
        if (total > _limit)
        {
            throw TooMuch($"at least {ByteText.Of(total)} ({string.Join(", ", bySignal.Select(s => $"{s.Key.ToName()} {ByteText.Of(s.Value)}"))})", (double)_limit / total, chunks);
        }

        Directory.CreateDirectory(folder);
        var free = new DriveInfo(folder).AvailableFreeSpace;
        var needed = (long)(total * DiskFactor) + Math.Min(total, DiskForParts);
        if (needed > free)
        {
            throw new CaptureFailedException(
                $"sorting the window takes about {ByteText.Of(needed)} of disk, and where {folder} lies {ByteText.Of(free)} are free: "
                + $"make room, or let {CaptureOptions.KeyOf(nameof(CaptureOptions.BundlePath))} name a folder on a larger disk, or {HowToNarrow(null, chunks)}");
        }
    }

    /// <exception cref="CaptureFailedException">There is more than the job may take.</exception>
    public void Take(int bytes)
    {
        _taken += bytes;
        if (_taken > _limit)
        {
            throw TooMuch($"more than {ByteText.Of(_limit)}", null, []);
        }
    }

    /// <summary>What a gateway's chunks hold of the window for certain: of chunks with the same sequences only one, promoted ones first, since they hold all of them.</summary>
    private double AtLeast(IEnumerable<ChunkManifest> chunks)
    {
        var counted = new List<(ulong From, ulong To)>();
        var bytes = 0.0;
        foreach (var chunk in chunks.OrderBy(c => c.Tier == KnownTiers.Promoted ? 0 : 1).ThenBy(c => c.Segment, StringComparer.Ordinal))
        {
            var range = (From: ulong.Parse(chunk.SequenceFrom), To: ulong.Parse(chunk.SequenceTo));
            if (!counted.Exists(r => r.From <= range.To && range.From <= r.To))
            {
                counted.Add(range);
                bytes += chunk.ContentBytes * ShareInWindow(chunk);
            }
        }

        return bytes;
    }

    private double ShareInWindow(ChunkManifest chunk)
    {
        var length = chunk.AcceptedToUnixNano - chunk.AcceptedFromUnixNano;
        var inside = Math.Min(chunk.AcceptedToUnixNano, job.ToUnixNano) - Math.Max(chunk.AcceptedFromUnixNano, job.FromUnixNano);
        return length <= 0 ? 1 : Math.Clamp((double)inside / length, 0, 1);
    }

    private CaptureFailedException TooMuch(string holds, double? share, IReadOnlyList<ChunkManifest> chunks) => new(
        $"the window holds {holds}, the limit is {ByteText.Of(_limit)}: {HowToNarrow(share, chunks)}, or raise the limit "
        + $"(maxContentBytes of the request, up to {ByteText.Of(options.MaxContentBytes)}, which {CaptureOptions.KeyOf(nameof(CaptureOptions.MaxContentBytes))} sets)");

    private string HowToNarrow(double? share, IReadOnlyList<ChunkManifest> chunks)
    {
        var window = UnixNano.ToTime(job.ToUnixNano) - UnixNano.ToTime(job.FromUnixNano);
        var part = share is { } s ? $" (about {(window * s).TotalMinutes:0.#} of its {window.TotalMinutes:0.#} minutes fit)" : "";
        var services = chunks.SelectMany(c => c.Services).Where(n => n.Length > 0).Distinct().Order(StringComparer.Ordinal).ToList();
        var named = services.Count == 0 ? "" : $" ({string.Join(", ", services.Take(MaxServicesNamed))}{(services.Count > MaxServicesNamed ? ", ..." : "")})";
        return $"capture a shorter window{part}, single services{named} or a trace";
    }
}
