using System.Buffers.Text;

namespace StellaOps.Telemetry.Benchmarks.LoadGenerator.Wire;

/// <summary>
/// Reads the gRPC status out of a header block. Peers were told to keep no dynamic table, and Kestrel does not code names by Huffman, so
/// indexed fields and coded names can be passed over: neither is the status.
/// </summary>
internal static class HeaderBlockReader
{
    private const int NoStatus = -1;

    /// <summary>14 UNAVAILABLE, 8 RESOURCE_EXHAUSTED, 4 DEADLINE_EXCEEDED, 1 CANCELLED, 10 ABORTED, 11 OUT_OF_RANGE, 15 DATA_LOSS.</summary>
    private static ReadOnlySpan<byte> Retryable => [1, 4, 8, 10, 11, 14, 15];

    /// <summary>False when the block has no status.</summary>
    public static bool TryRead(ReadOnlySpan<byte> block, out Answer answer)
    {
        var (status, hasDelay, at) = (NoStatus, false, 0);
        while (at < block.Length)
        {
            var first = block[at];
            if ((first & 0x80) != 0)
            {
                Integer(block, ref at, 7);
            }
            else if ((first & 0xE0) == 0x20)
            {
                Integer(block, ref at, 5);
            }
            else
            {
                var index = Integer(block, ref at, (first & 0x40) != 0 ? 6 : 4);
                var name = index == 0 ? Text(block, ref at) : default;
                var value = Text(block, ref at);
                if (name.SequenceEqual("grpc-status"u8) && Utf8Parser.TryParse(value, out int code, out _))
                {
                    status = code;
                }
                else if (name.SequenceEqual("grpc-status-details-bin"u8))
                {
                    hasDelay = SaysDelay(value);
                }
            }
        }

        answer = status == 0 ? Answer.Acknowledged
            : status > 0 && Retryable.Contains((byte)status) ? hasDelay ? Answer.RefusedWithDelay : Answer.Refused
            : Answer.Failed;
        return status != NoStatus;
    }

    /// <summary>Whether the status carries a google.rpc.RetryInfo.</summary>
    private static bool SaysDelay(ReadOnlySpan<byte> base64)
    {
        var text = System.Text.Encoding.ASCII.GetString(base64);
        return Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '=')).AsSpan().IndexOf("google.rpc.RetryInfo"u8) >= 0;
    }

    private static int Integer(ReadOnlySpan<byte> block, ref int at, int bits)
    {
        var most = (1 << bits) - 1;
        var value = block[at++] & most;
        if (value < most)
        {
            return value;
        }

        for (var shift = 0; ; shift += 7)
        {
            var b = block[at++];
            value += (b & 0x7F) << shift;
            if ((b & 0x80) == 0)
            {
                return value;
            }
        }
    }

    private static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> block, ref int at)
    {
        var length = Integer(block, ref at, 7);
        at += length;
        return block.Slice(at - length, length);
    }
}
