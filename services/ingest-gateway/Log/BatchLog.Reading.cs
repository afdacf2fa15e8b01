using StellaOps.Telemetry.Archive;
using StellaOps.Telemetry.IngestGateway.Exporters;
using StellaOps.Telemetry.IngestGateway.Pipeline;

namespace StellaOps.Telemetry.IngestGateway.Log;

/// <summary>Reading: no lock but that of the file table, held for a lookup.</summary>
internal sealed partial class BatchLog
{
    [ThreadStatic]
    private static Memory<byte>[]? s_readInto;

    private readonly Lock _tableLock = new();
    private LogFile[] _files;
    private long _lostBatches;

    /// <summary>Logged batches that the disk did not give back, found since the start.</summary>
    public long LostBatches => Interlocked.Read(ref _lostBatches);

    /// <summary>The lowest sequence in the log; <see cref="NextSequence"/> when it is empty.</summary>
    public ulong FirstSequence => Volatile.Read(ref _files) is { Length: > 0 } files ? files[0].FirstSequence : NextSequence;

    /// <summary>Accepted-at of the oldest batch; null when the log is empty.</summary>
    public long? FirstAcceptedAtUnixNano => Volatile.Read(ref _files) is { Length: > 0 } files && files[0].Count > 0 ? files[0][0].AcceptedAtUnixNano : null;

    /// <summary>Finds a visible batch.</summary>
    public bool TryFind(ulong sequence, out BatchEntry entry)
    {
        entry = default;
        return sequence <= VisibleSequence && Locate(Volatile.Read(ref _files), sequence, out entry) is not null;
    }

    /// <summary>The visible batches from a sequence on, as they stand now.</summary>
    public IEnumerable<BatchEntry> EntriesFrom(ulong sequence)
    {
        var visible = VisibleSequence;
        foreach (var file in Volatile.Read(ref _files))
        {
            var from = sequence > file.FirstSequence ? sequence - file.FirstSequence : 0;
            for (var i = from; i < (ulong)file.Count; i++)
            {
                var entry = file[(int)i];
                if (entry.Sequence > visible)
                {
                    yield break;
                }

                if (!entry.IsLost)
                {
                    yield return entry;
                }
            }
        }
    }

    /// <summary>
    /// Reads envelope and payload of a batch into the buffer, which is grown to fit. False when the log does not hold it any more, or the
    /// disk gives back other bytes than were written.
    /// </summary>
    public bool TryRead(ulong sequence, ref byte[] buffer, out BatchEntry entry)
    {
        if (Enter(sequence, out entry) is not { } file)
        {
            return false;
        }

        try
        {
            if (buffer.Length < entry.FrameLength)
            {
                buffer = new byte[Math.Max(entry.FrameLength, buffer.Length * 2)];
            }

            var frame = buffer.AsSpan(0, entry.FrameLength);
            return RandomAccess.Read(file.Handle, frame, entry.Offset) == frame.Length
                && IsWhole(file, sequence, frame[..(LogFormat.FrameHeaderLength + entry.EnvelopeLength)], frame[(LogFormat.FrameHeaderLength + entry.EnvelopeLength)..]);
        }
        finally
        {
            Leave(file);
        }
    }

    /// <summary>Reads the payload of a batch straight to where the target wants it; the head is checked as above.</summary>
    public bool TryReadPayload(ulong sequence, IPayloadTarget target, out BatchEntry entry, out ReadOnlyMemory<byte> payload)
    {
        payload = default;
        if (Enter(sequence, out entry) is not { } file)
        {
            return false;
        }

        // One call of the operating system for both; nothing of it is held once it returns.
        var into = s_readInto ??= [new byte[LogFormat.FrameHeaderLength + LogFormat.MaxEnvelopeLength], default];
        var whole = into[0];
        try
        {
            into[0] = whole[..(LogFormat.FrameHeaderLength + entry.EnvelopeLength)];
            into[1] = target.Reserve(entry, entry.PayloadLength);
            payload = into[1];
            return RandomAccess.Read(file.Handle, into, entry.Offset) == entry.FrameLength && IsWhole(file, sequence, into[0].Span, into[1].Span);
        }
        finally
        {
            (into[0], into[1]) = (whole, default);
            Leave(file);
        }
    }

    /// <summary>The envelope's bytes in a buffer that <see cref="TryRead"/> filled.</summary>
    public static ReadOnlyMemory<byte> EnvelopeOf(byte[] buffer, in BatchEntry entry) => buffer.AsMemory(LogFormat.FrameHeaderLength, entry.EnvelopeLength);

    /// <summary>The payload's bytes in a buffer that <see cref="TryRead"/> filled.</summary>
    public static ReadOnlyMemory<byte> PayloadOf(byte[] buffer, in BatchEntry entry) =>
        buffer.AsMemory(LogFormat.FrameHeaderLength + entry.EnvelopeLength, entry.PayloadLength);

    /// <summary>
    /// The payload of the file that is written now is not hashed again (5 us per 100 KiB): it was just put into the page cache, and what may
    /// come from the disk is in other files.
    /// </summary>
    private bool IsWhole(LogFile file, ulong sequence, ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload)
    {
        if (LogFormat.IsSealed(head)
            && (file == Volatile.Read(ref _tailFile) || (Envelope.TryRead(head[LogFormat.FrameHeaderLength..], out var envelope) && BatchHash.Matches(envelope, payload))))
        {
            return true;
        }

        OnDamaged(new LogDamage(file.Path, sequence, sequence));
        return false;
    }

    private void OnDamaged(LogDamage damage)
    {
        Interlocked.Add(ref _lostBatches, (long)damage.Count);
        LogDamaged(damage.File, damage.First, damage.Last, damage.Count);
    }

    /// <summary>Finds a batch and keeps its file from being reused until <see cref="Leave"/>.</summary>
    private LogFile? Enter(ulong sequence, out BatchEntry entry)
    {
        lock (_tableLock)
        {
            var file = Locate(_files, sequence, out entry);
            if (file is not null)
            {
                file.Readers++;
            }

            return file;
        }
    }

    private void Leave(LogFile file)
    {
        lock (_tableLock)
        {
            file.Readers--;
        }
    }

    private static LogFile? Locate(LogFile[] files, ulong sequence, out BatchEntry entry)
    {
        entry = default;
        var low = 0;
        var high = files.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var file = files[middle];
            if (sequence < file.FirstSequence)
            {
                high = middle - 1;
            }
            else if (sequence >= file.NextSequence)
            {
                low = middle + 1;
            }
            else
            {
                entry = file[(int)(sequence - file.FirstSequence)];
                return entry.IsLost ? null : file;
            }
        }

        return null;
    }

    private void Publish(LogFile[] files)
    {
        lock (_tableLock)
        {
            Volatile.Write(ref _files, files);
        }
    }

    private bool IsUnread(LogFile file)
    {
        lock (_tableLock)
        {
            return file.Readers == 0;
        }
    }

    [LoggerMessage(PipelineEventIds.LogDamaged, LogLevel.Error, "{File} is damaged: sequences {First} to {Last} ({Count}) are lost; what a start finds damaged is copied to the log's folder damaged")]
    private partial void LogDamaged(string file, ulong first, ulong last, ulong count);
}
