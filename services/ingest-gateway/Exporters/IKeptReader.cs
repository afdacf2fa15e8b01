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
}

/// <summary>A batch's bytes; both memories point into the buffer that was handed in.</summary>
/// <param name="IsSliced">The payload holds the kept records alone, in their order; else all that was logged.</param>
internal readonly record struct KeptBatch(BatchEntry Entry, ReadOnlyMemory<byte> Envelope, ReadOnlyMemory<byte> Payload, bool IsSliced);

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
}
