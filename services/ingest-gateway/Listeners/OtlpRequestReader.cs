using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using StellaOps.Telemetry.IngestGateway.Admission;

namespace StellaOps.Telemetry.IngestGateway.Listeners;

/// <summary>Reads a request's body from the pipe; the size is enforced while reading.</summary>
internal static class OtlpRequestReader
{
    /// <summary>Flag and length before a gRPC message: <c>00 00 00 04 7b</c> is an uncompressed message of 1147 bytes.</summary>
    private const int GrpcPrefix = 5;

    /// <summary>What is reserved on a sender's word.</summary>
    private const int TrustedBytes = 256 * 1024;

    /// <summary>The whole body.</summary>
    public static async ValueTask<IngestStatus> ReadToEndAsync(PipeReader reader, PooledBody body, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            var status = body.TryAppend(result.Buffer);
            reader.AdvanceTo(result.Buffer.End);
            if (status != IngestStatus.Accepted || result.IsCompleted)
            {
                return status;
            }
        }
    }

    /// <summary>The one message of a unary gRPC call.</summary>
    /// <param name="maxBytes">A message that claims more is refused before it is read.</param>
    public static async ValueTask<(IngestStatus Status, bool IsCompressed)> ReadGrpcMessageAsync(PipeReader reader, PooledBody body, int maxBytes, CancellationToken cancellationToken)
    {
        // 1. The prefix.
        var result = await reader.ReadAtLeastAsync(GrpcPrefix, cancellationToken);
        if (!TryReadPrefix(result.Buffer, out var isCompressed, out var missing))
        {
            reader.AdvanceTo(result.Buffer.End);
            return (IngestStatus.Malformed, false);
        }

        if (missing > maxBytes)
        {
            reader.AdvanceTo(result.Buffer.End);
            return (IngestStatus.RequestTooLarge, isCompressed);
        }

        // 2. Room for a usual batch at once, rather than growing to it; beyond that a sender's word takes no memory.
        var content = result.Buffer.Slice(GrpcPrefix);
        var room = body.TryReserve((int)Math.Min(missing, TrustedBytes));
        if (room != IngestStatus.Accepted)
        {
            reader.AdvanceTo(content.End);
            return (room, isCompressed);
        }

        // 3. The message, and nothing after it.
        while (true)
        {
            var status = content.Length > missing ? IngestStatus.Malformed : body.TryAppend(content);
            missing -= content.Length;
            reader.AdvanceTo(content.End);
            if (status != IngestStatus.Accepted)
            {
                return (status, isCompressed);
            }

            if (result.IsCompleted)
            {
                return (missing == 0 ? IngestStatus.Accepted : IngestStatus.Malformed, isCompressed);
            }

            result = await reader.ReadAsync(cancellationToken);
            content = result.Buffer;
        }
    }

    private static bool TryReadPrefix(in ReadOnlySequence<byte> buffer, out bool isCompressed, out long length)
    {
        isCompressed = false;
        length = 0;
        if (buffer.Length < GrpcPrefix)
        {
            return false;
        }

        Span<byte> prefix = stackalloc byte[GrpcPrefix];
        buffer.Slice(0, GrpcPrefix).CopyTo(prefix);
        isCompressed = prefix[0] == 1;
        length = BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
        return prefix[0] <= 1;
    }
}
