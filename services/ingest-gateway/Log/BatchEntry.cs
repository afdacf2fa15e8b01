using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.IngestGateway.Log;

/// <summary>What memory knows of a logged batch: enough to skip it without touching the disk.</summary>
internal readonly record struct BatchEntry(
    ulong Sequence,
    long AcceptedAtUnixNano,
    TenantId Tenant,
    Signal Signal,
    int RecordCount,
    int Offset,
    int EnvelopeLength,
    int PayloadLength,
    string? ReplayMark = null)
{
    public int FrameLength => LogFormat.FrameHeaderLength + EnvelopeLength + PayloadLength;

    /// <summary>The disk lost it: it holds its sequence's place, and nobody is shown it.</summary>
    public bool IsLost => Offset == 0;
}
