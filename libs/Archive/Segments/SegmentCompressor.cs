using System.Collections.Concurrent;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace StellaOps.Telemetry.Archive.Segments;

/// <summary>
/// Compresses what waits in a spool into one Zstandard frame with its content's size and checksum. A compressor's tables are megabytes that
/// cost more to make than a small segment costs to compress, so a few are kept; which one is taken does not show in the bytes.
/// </summary>
internal static class SegmentCompressor
{
    private const int MaxKept = 2;

    private static readonly ConcurrentBag<Compressor> s_kept = [];

    public static void Compress(Spool spool, Stream stored)
    {
        if (!s_kept.TryTake(out var compressor))
        {
            compressor = new Compressor(SegmentFormat.ZstdLevel);
            compressor.SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
        }

        try
        {
            compressor.SetPledgedSrcSize((ulong)spool.Length);
            using (var stream = new CompressionStream(stored, compressor, preserveCompressor: true, leaveOpen: true))
            {
                spool.CopyTo(stream);
            }

            if (s_kept.Count < MaxKept)
            {
                s_kept.Add(compressor);
                compressor = null;
            }
        }
        finally
        {
            // One that failed half-way is not used again.
            compressor?.Dispose();
        }
    }
}
