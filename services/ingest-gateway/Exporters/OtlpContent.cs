using System.Buffers.Binary;
using System.Net;

namespace StellaOps.Telemetry.IngestGateway.Exporters;

/// <summary>A request's body from where its bytes lie; may be sent again as long as they lie there.</summary>
/// <param name="isGrpc">Puts gRPC's prefix before it: <c>u8 compressed, u32 length</c>, big-endian.</param>
internal sealed class OtlpContent(IReadOnlyList<ReadOnlyMemory<byte>> pieces, int length, bool isGrpc, bool isCompressed) : HttpContent
{
    public const int GrpcPrefixLength = 5;

    protected override bool TryComputeLength(out long total)
    {
        total = (isGrpc ? GrpcPrefixLength : 0) + (long)length;
        return true;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (isGrpc)
        {
            var prefix = new byte[GrpcPrefixLength];
            prefix[0] = isCompressed ? (byte)1 : (byte)0;
            BinaryPrimitives.WriteInt32BigEndian(prefix.AsSpan(1), length);
            await stream.WriteAsync(prefix, cancellationToken);
        }

        for (var i = 0; i < pieces.Count; i++)
        {
            await stream.WriteAsync(pieces[i], cancellationToken);
        }
    }
}
