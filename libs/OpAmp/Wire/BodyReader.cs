using System.IO.Compression;
using Google.Protobuf;

namespace StellaOps.Telemetry.OpAmp.Wire;

/// <summary>Reads a message from the body of a request or an answer.</summary>
internal static class BodyReader
{
    /// <param name="limit">Bytes, before and after decompression.</param>
    /// <exception cref="MessageTooLargeException">It has more.</exception>
    /// <exception cref="InvalidDataException">It is no gzip.</exception>
    /// <exception cref="InvalidProtocolBufferException">It is no such message.</exception>
    public static async Task<T> ReadAsync<T>(Stream body, bool isGzip, int limit, MessageParser<T> parser, CancellationToken cancellationToken)
        where T : IMessage<T>
    {
        using var compressed = new LimitedStream(body, limit);
        using var plain = isGzip ? new LimitedStream(new GZipStream(compressed, CompressionMode.Decompress), limit) : compressed;
        using var buffer = new MessageBuffer();
        int read;
        while ((read = await plain.ReadAsync(buffer.Room(), cancellationToken).ConfigureAwait(false)) > 0)
        {
            buffer.Advance(read);
        }

        return parser.ParseFrom(buffer.Written);
    }
}
