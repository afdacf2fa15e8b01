using System.Buffers.Binary;
using System.IO.Hashing;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.IngestGateway.Sampling;

/// <summary>A trace: ids of two tenants never meet.</summary>
internal readonly record struct TraceKey(TenantId Tenant, UInt128 TraceId)
{
    /// <summary>Where the trace stands in [0, 1): the same on every gateway, and even for ids that are not random.</summary>
    public double Share()
    {
        Span<byte> id = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(id, TraceId);
        return (XxHash3.HashToUInt64(id) >> 11) / (double)(1ul << 53);
    }
}
