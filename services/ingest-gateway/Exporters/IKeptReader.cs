using StellaOps.Telemetry.IngestGateway.Log;

namespace StellaOps.Telemetry.IngestGateway.Exporters;

/// <summary>Where an exporter gets the bytes of a decided batch, wherever they are by now.</summary>
internal interface IKeptReader
{
    /// <summary>
    /// Reads a batch into the buffer, which is grown to fit. False when it is nowhere any more, or the disk gives back other bytes than were
    /// written.
    /// </summary>
    bool TryRead(ulong sequence, ref byte[] buffer, out KeptBatch batch);

    /// <summary>Reads a batch's payload alone, straight into the place that the target gives for it. False as above.</summary>
    bool TryReadPayload(ulong sequence, IPayloadTarget target, out KeptPayload payload)
    {
        var buffer = Array.Empty<byte>();
        if (!TryRead(sequence, ref buffer, out var batch))
        {
            payload = default;
            return false;
        }

        var place = target.Reserve(batch.Entry, batch.Payload.Length);
        batch.Payload.CopyTo(place);
        payload = new KeptPayload(batch.Entry, place, batch.IsSliced);
        return true;
    }
}

/// <summary>Gives the place that a payload is read into; asked at most once for each batch.</summary>
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

/// <summary>Reads from the log alone.</summary>
internal sealed class LogKeptReader(BatchLog log) : IKeptReader
{
    public bool TryRead(ulong sequence, ref byte[] buffer, out KeptBatch batch)
    {
        if (!log.TryRead(sequence, ref buffer, out var entry))
        {
            batch = default;
            return false;
        }

        batch = new KeptBatch(entry, BatchLog.EnvelopeOf(buffer, entry), BatchLog.PayloadOf(buffer, entry), IsSliced: false);
        return true;
    }

    public bool TryReadPayload(ulong sequence, IPayloadTarget target, out KeptPayload payload)
    {
        var isRead = log.TryReadPayload(sequence, target, out var entry, out var bytes);
        payload = new KeptPayload(entry, bytes, IsSliced: false);
        return isRead;
    }
}
