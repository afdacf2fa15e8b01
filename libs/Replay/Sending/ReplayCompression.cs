using System.IO.Compression;
using ZstdSharp;

namespace StellaOps.Telemetry.Replay.Sending;

/// <summary>How requests are compressed.</summary>
public enum ReplayCompression
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>What every OTLP receiver takes.</summary>
    Gzip,

    /// <summary>Cheaper and smaller, where the receiver takes it.</summary>
    Zstd,
}

internal static class ReplayCompressionExtensions
{
    /// <summary>As it stands in a header; null for none.</summary>
    public static string? ToEncoding(this ReplayCompression compression) => compression switch
    {
        ReplayCompression.Gzip => "gzip",
        ReplayCompression.Zstd => "zstd",
        _ => null,
    };

    public static ReadOnlyMemory<byte> Compress(this ReplayCompression compression, ReadOnlyMemory<byte> bytes)
    {
        switch (compression)
        {
            case ReplayCompression.Gzip:
                using (var target = new MemoryStream())
                {
                    using (var gzip = new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true))
                    {
                        gzip.Write(bytes.Span);
                    }

                    return target.GetBuffer().AsMemory(0, (int)target.Length);
                }

            case ReplayCompression.Zstd:
                using (var zstd = new Compressor())
                {
                    return zstd.Wrap(bytes.Span).ToArray();
                }

            default:
                return bytes;
        }
    }
}
