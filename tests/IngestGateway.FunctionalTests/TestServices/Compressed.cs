using System.IO.Compression;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;

internal static class Compressed
{
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
