using System.Collections.Concurrent;
using System.IO.Compression;
using StellaOps.Telemetry.Profiles.Gateway;
using ZstdSharp;

namespace StellaOps.Telemetry.IngestGateway.Exporters;

/// <summary>Compresses requests, each as one stream, into buffers that are kept for the next.</summary>
internal sealed class RequestCompressor(OtlpCompression compression, int buffers)
{
    /// <summary>Stores spend more on a request than its bytes: the first level that finds repeated keys is enough.</summary>
    private const int ZstdLevel = 1;

    // Bounded by the requests that are on their way at once.
    private readonly ConcurrentBag<MemoryStream> _kept = [];

    /// <summary>As <c>grpc-encoding</c> and <c>Content-Encoding</c> say it; null for none.</summary>
    public string? Encoding { get; } = compression switch { OtlpCompression.Gzip => "gzip", OtlpCompression.Zstd => "zstd", _ => null };

    public MemoryStream Compress(IReadOnlyList<ReadOnlyMemory<byte>> pieces)
    {
        var output = _kept.TryTake(out var kept) ? kept : new MemoryStream();
        output.SetLength(0);
        using Stream stream = compression == OtlpCompression.Gzip
            ? new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true)
            : new CompressionStream(output, ZstdLevel, leaveOpen: true);
        for (var i = 0; i < pieces.Count; i++)
        {
            stream.Write(pieces[i].Span);
        }

        return output;
    }

    /// <summary>Nobody sends from it any more.</summary>
    public void Return(MemoryStream buffer)
    {
        if (_kept.Count < buffers)
        {
            _kept.Add(buffer);
        }
    }
}
