using StellaOps.Telemetry.IngestGateway.Journal;
using StellaOps.Telemetry.IngestGateway.Log;
using StellaOps.Telemetry.IngestGateway.Spill;

namespace StellaOps.Telemetry.IngestGateway.Exporters;

/// <summary>Where an exporter gets the bytes of a decided batch, wherever they are by now.</summary>
internal interface IKeptReader
{
    /// <summary>
    /// Reads a batch into the buffer, which is grown to fit. False when it is nowhere any more, or the disk gives back other bytes than were
    /// written: for good either way.
    /// </summary>
    /// <param name="decision">Which batch, and which of its records are wanted.</param>
    bool TryRead(in BatchDecision decision, ref byte[] buffer, out KeptBatch batch);

    /// <summary>Reads a batch's payload alone, straight into the place that the target gives for it. False as above.</summary>
    bool TryReadPayload(in BatchDecision decision, IPayloadTarget target, out KeptPayload payload);
}

/// <summary>Gives the place that a payload is read into; asked again for a batch when the first place that held it fails.</summary>
internal interface IPayloadTarget
{
    /// <summary>Exactly this many bytes. What stood there is of no use to anybody when the read fails.</summary>
    Memory<byte> Reserve(in BatchEntry entry, int length);
}

/// <summary>A batch's bytes; both memories point into the buffer that was handed in.</summary>
/// <param name="IsSliced">The payload holds the kept records alone, in their order; else all that was logged.</param>
internal readonly record struct KeptBatch(BatchEntry Entry, ReadOnlyMemory<byte> Envelope, ReadOnlyMemory<byte> Payload, bool IsSliced);

/// <summary>A batch's payload where its target wanted it.</summary>
/// <param name="IsSliced">The payload holds the kept records alone, in their order; else all that was logged.</param>
internal readonly record struct KeptPayload(BatchEntry Entry, ReadOnlyMemory<byte> Payload, bool IsSliced);

/// <summary>Reads from the log, and what is not there any more from what was copied aside.</summary>
internal sealed class KeptReader(BatchLog log, SpillStore spill) : IKeptReader
{
    public bool TryRead(in BatchDecision decision, ref byte[] buffer, out KeptBatch batch)
    {
        if (!log.TryRead(decision.Sequence, ref buffer, out var entry))
        {
            return spill.TryRead(decision, ref buffer, out batch);
        }

        batch = new KeptBatch(entry, BatchLog.EnvelopeOf(buffer, entry), BatchLog.PayloadOf(buffer, entry), IsSliced: false);
        return true;
    }

    public bool TryReadPayload(in BatchDecision decision, IPayloadTarget target, out KeptPayload payload)
    {
        if (log.TryReadPayload(decision.Sequence, target, out var entry, out var bytes))
        {
            payload = new KeptPayload(entry, bytes, IsSliced: false);
            return true;
        }

        payload = default;
        var buffer = Array.Empty<byte>();
        if (!spill.TryRead(decision, ref buffer, out var batch))
        {
            return false;
        }

        var place = target.Reserve(batch.Entry, batch.Payload.Length);
        batch.Payload.CopyTo(place);
        payload = new KeptPayload(batch.Entry, place, batch.IsSliced);
        return true;
    }
}
