using System.Buffers.Binary;
using System.IO.Hashing;

namespace StellaOps.Telemetry.IngestGateway.Sampling;

/// <summary>Where a trace stands in [0, 1): the same on every gateway, and even for ids that are not random.</summary>
internal static class TraceShare
{
    public static double Of(UInt128 traceId, long seed = 0)
    {
        Span<byte> id = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(id, traceId);
        return Of(id, seed);
    }

    public static double Of(ReadOnlySpan<byte> bytes, long seed = 0) => (XxHash3.HashToUInt64(bytes, seed) >> 11) / (double)(1ul << 53);
}
