using System.IO.Compression;

namespace StellaOps.Telemetry.OpAmp.Wire;

/// <summary>Compresses bodies.</summary>
internal static class Gzip
{
    /// <summary>Bytes; below it gzip costs more than it saves.</summary>
    public const int WorthFrom = 1024;

    public static byte[] Compress(ReadOnlySpan<byte> bytes)
    {
        using var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return target.ToArray();
    }
}
