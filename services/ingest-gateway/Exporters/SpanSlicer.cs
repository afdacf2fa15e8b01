using System.Buffers;
using StellaOps.Telemetry.Archive;
using StellaOps.Telemetry.Otlp;

namespace StellaOps.Telemetry.IngestGateway.Exporters;

/// <summary>Copies the kept spans of a trace request, byte for byte, and on demand appends their stamps as attributes.</summary>
internal static class SpanSlicer
{
    /// <param name="stamps">Null: none are materialised.</param>
    public static void Slice(ReadOnlySpan<byte> request, IReadOnlyList<KeptRecord> kept, IReadOnlyList<Stamp>? stamps, IBufferWriter<byte> output)
    {
        var indexes = kept.Select(k => k.Index).ToArray();
        var sliced = stamps is null
            ? OtlpSlicer.Slice(OtlpSignal.Traces, request, indexes, output)
            : OtlpSlicer.Slice(OtlpSignal.Traces, request, indexes, AttributesOf(kept, stamps), output);
        if (!sliced)
        {
            throw new InvalidDataException("a logged batch is not a trace request, or does not hold the spans that were decided");
        }
    }

    private static AttributeSet?[] AttributesOf(IReadOnlyList<KeptRecord> kept, IReadOnlyList<Stamp> stamps)
    {
        var sets = stamps.Select(stamp =>
        {
            var set = new AttributeSet().Add("stella.sampling.policy", stamp.Policy).Add("stella.sampling.rate", stamp.Rate);
            return stamp.IncidentId is null ? set : set.Add("stella.incident.id", stamp.IncidentId);
        }).ToArray();
        return [.. kept.Select(k => sets[k.Stamp])];
    }
}
