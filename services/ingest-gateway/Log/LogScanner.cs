using System.Buffers.Binary;
using StellaOps.Telemetry.Archive;

namespace StellaOps.Telemetry.IngestGateway.Log;

/// <summary>
/// Finds the frames of a file after a restart. A frame that is not whole ends the file, unless a whole and later one stands behind it: then
/// the disk lost what is between, which is named, and the rest is kept. Frames of an earlier term have lower sequences and count as nothing.
/// </summary>
internal sealed class LogScanner
{
    private const int WindowBytes = 1 << 20;

    private byte[] _buffer = new byte[256 * 1024];

    /// <summary>The last accepted-at that was found; never falls from frame to frame.</summary>
    public long AcceptedAt { get; private set; }

    /// <summary>Takes in the frames of a file.</summary>
    /// <param name="below">The first sequence of the next file.</param>
    /// <param name="verify">Payloads too; else they are verified when they are read.</param>
    /// <returns>The length that a torn last frame claims; 0 when there is none.</returns>
    public int Scan(LogFile file, ulong below, bool verify, List<LogDamage> damages)
    {
        while (true)
        {
            var found = TryFrame(file, file.Tail, file.NextSequence, below, verify, out var entry, out var claimed);
            if (!found || entry.Sequence != file.NextSequence)
            {
                if (!found && !TryFindLater(file, below, out entry))
                {
                    return claimed;
                }

                damages.Add(new LogDamage(file.Path, file.NextSequence, entry.Sequence - 1));
                file.AddLost(entry.Sequence - file.NextSequence, AcceptedAt, entry.Offset);
            }

            AcceptedAt = entry.AcceptedAtUnixNano;
            file.Add(entry);
        }
    }

    /// <summary>The sequence of the first whole frame, for a file whose header is damaged; null when there is none.</summary>
    public ulong? FirstOf(LogFile file) =>
        TryFrame(file, file.Tail, 1, ulong.MaxValue, verify: true, out var entry, out _) || TryFindLater(file, ulong.MaxValue, out entry) ? entry.Sequence : null;

    private bool TryFrame(LogFile file, int offset, ulong from, ulong below, bool verify, out BatchEntry entry, out int claimed)
    {
        entry = default;
        claimed = 0;
        if (file.Capacity - offset < LogFormat.FrameHeaderLength)
        {
            return false;
        }

        var head = _buffer.AsSpan(0, Math.Min(LogFormat.FrameHeaderLength + LogFormat.MaxEnvelopeLength, file.Capacity - offset));
        if (RandomAccess.Read(file.Handle, head, offset) != head.Length
            || !LogFormat.TryReadFrameHeader(head, out var envelopeLength, out var payloadLength))
        {
            return false;
        }

        var headLength = LogFormat.FrameHeaderLength + envelopeLength;
        var length = (long)headLength + payloadLength;
        if (length > file.Capacity - offset)
        {
            return false;
        }

        claimed = (int)length;
        if (!LogFormat.IsSealed(head[..headLength]) || !Envelope.TryRead(head[LogFormat.FrameHeaderLength..headLength], out var envelope))
        {
            return false;
        }

        if (envelope.Sequence < from || envelope.Sequence >= below || envelope.AcceptedAtUnixNano < AcceptedAt)
        {
            // Of an earlier term: the file ends here, and nothing was torn.
            claimed = 0;
            return false;
        }

        entry = new BatchEntry(
            envelope.Sequence, envelope.AcceptedAtUnixNano, envelope.Tenant, envelope.Signal, envelope.RecordCount, offset, envelopeLength, payloadLength, envelope.ReplayMark);
        return !verify || IsPayloadWhole(file, envelope, offset + headLength, payloadLength);
    }

    private bool IsPayloadWhole(LogFile file, Envelope envelope, int offset, int length)
    {
        if (_buffer.Length < length)
        {
            _buffer = new byte[length];
        }

        var payload = _buffer.AsSpan(0, length);
        return RandomAccess.Read(file.Handle, payload, offset) == length && BatchHash.Matches(envelope, payload);
    }

    private bool TryFindLater(LogFile file, ulong below, out BatchEntry entry)
    {
        entry = default;
        var window = new byte[WindowBytes];
        Span<byte> magic = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(magic, LogFormat.FrameMagic);
        for (var from = file.Tail + 1; from < file.Capacity;)
        {
            var read = RandomAccess.Read(file.Handle, window.AsSpan(0, Math.Min(WindowBytes, file.Capacity - from)), from);
            for (var at = 0; at < read;)
            {
                var next = window.AsSpan(at, read - at).IndexOf(magic);
                if (next < 0)
                {
                    break;
                }

                at += next + 1;
                var offset = from + at - 1 - LogFormat.MagicOffset;
                if (offset > file.Tail && TryFrame(file, offset, file.NextSequence + 1, below, verify: true, out entry, out _))
                {
                    return true;
                }
            }

            if (read < WindowBytes)
            {
                return false;
            }

            // The magic may stand across two windows.
            from += read - 3;
        }

        return false;
    }
}
