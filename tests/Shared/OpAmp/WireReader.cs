using System.Buffers;

namespace StellaOps.Telemetry.Tests.Shared.OpAmp;

/// <summary>Reads the pieces that HTTP/1.1 is made of, byte for byte.</summary>
internal static class WireReader
{
    private const int MaxHead = 64 << 10;

    /// <summary>A request's or an answer's head with the empty line after it; empty when the connection is over.</summary>
    public static async Task<byte[]> HeadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var head = new ArrayBufferWriter<byte>();
        while (!head.WrittenSpan.EndsWith("\r\n\r\n"u8))
        {
            // Byte by byte: what follows belongs to the body or to a frame.
            if (await stream.ReadAsync(head.GetMemory(1)[..1], cancellationToken) == 0)
            {
                return head.WrittenCount == 0 ? [] : throw new EndOfStreamException("the connection ended within a head");
            }

            head.Advance(1);
            if (head.WrittenCount > MaxHead)
            {
                throw new InvalidDataException("the head has no end");
            }
        }

        return head.WrittenSpan.ToArray();
    }

    public static async Task<byte[]> ExactlyAsync(Stream stream, int length, CancellationToken cancellationToken)
    {
        var bytes = new byte[length];
        await stream.ReadExactlyAsync(bytes, cancellationToken);
        return bytes;
    }
}
