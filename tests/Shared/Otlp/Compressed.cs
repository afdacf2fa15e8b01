using System.IO.Compression;

namespace StellaOps.Telemetry.Tests.Shared.Otlp;

/// <summary>Bodies as senders compress them.</summary>
public static class Compressed
{
    /// <param name="encoding"><c>identity</c>, <c>gzip</c>, or else zstd.</param>
    public static byte[] With(string encoding, byte[] data)
    {
        if (encoding == "identity")
        {
            return data;
        }

        using var stream = new MemoryStream();
        using (Stream compressor = encoding == "gzip" ? new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true) : new ZstdSharp.CompressionStream(stream, leaveOpen: true))
        {
            compressor.Write(data);
        }

        return stream.ToArray();
    }
}
