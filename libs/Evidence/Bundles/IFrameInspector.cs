using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.Evidence.Bundles;

/// <summary>Knows OTLP, which this library does not: what a canonical frame tells, and which comes first.</summary>
public interface IFrameInspector
{
    /// <summary>Reads a frame; false when it is not the canonical form of exactly one record of the signal.</summary>
    bool TryInspect(Signal signal, ReadOnlySpan<byte> frame, out FrameFacts facts);

    /// <summary>The total order: event time, trace id, span id, then bytes. Both frames passed <see cref="TryInspect"/>.</summary>
    int Compare(Signal signal, ReadOnlySpan<byte> left, ReadOnlySpan<byte> right);
}

/// <summary>What the manifest tells of frames.</summary>
/// <param name="Service">The resource's <c>service.name</c>; null without one.</param>
public readonly record struct FrameFacts(ulong EventTimeUnixNano, string? Service);
