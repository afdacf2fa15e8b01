using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using StellaOps.Telemetry.Archive;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.IngestGateway.Journal;
using StellaOps.Telemetry.IngestGateway.Log;
using StellaOps.Telemetry.Otlp;

namespace StellaOps.Telemetry.IngestGateway.Spill;

/// <summary>
/// Copies aside what frames behind a place still need of a range of the log: whole batches, and of the others the records that any of the
/// frames keeps. Nothing has the file's name before all of it is on the disk.
/// </summary>
internal sealed class SpillWriter(string folder, BatchLog log, DecisionJournal journal)
{
    private const int BufferBytes = 1 << 20;

    /// <summary>Returns the file; null when nothing is needed any more.</summary>
    /// <param name="after">The last frame that everybody has done.</param>
    /// <exception cref="SpillFullException">The file would be larger than <paramref name="maxBytes"/>.</exception>
    public SpillFile? Write(ulong first, ulong last, ulong after, long maxBytes)
    {
        var needed = Needed(first, last, after);
        if (needed.Count == 0)
        {
            return null;
        }

        var path = Path.Combine(folder, SpillFile.NameOf(first));
        var temporary = path + ".new";
        try
        {
            SpillHeader header;
            long bytes;
            using (var file = new FileStream(temporary, FileMode.Create, FileAccess.ReadWrite, FileShare.None, BufferBytes))
            {
                header = WriteContent(file, first, last, needed, maxBytes);
                file.Flush();
                DataSync.Flush(file.SafeFileHandle);
                bytes = file.Length;
            }

            File.Move(temporary, path, overwrite: true);
            DataSync.FlushFolder(folder);
            return new SpillFile(path, bytes, header);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>The records at these places alone, byte for byte.</summary>
    public static void Slice(Signal signal, ReadOnlySpan<byte> request, ReadOnlySpan<int> indexes, IBufferWriter<byte> output)
    {
        var kind = signal switch { Signal.Traces => OtlpSignal.Traces, Signal.Metrics => OtlpSignal.Metrics, _ => OtlpSignal.Logs };
        if (!OtlpSlicer.Slice(kind, request, indexes, output))
        {
            throw new InvalidDataException("a logged batch does not hold the records that were decided");
        }
    }

    private SpillHeader WriteContent(FileStream file, ulong first, ulong last, SortedDictionary<ulong, NeededRecords> needed, long maxBytes)
    {
        Span<byte> header = stackalloc byte[SpillFormat.HeaderLength];
        file.Write(header);
        var index = new ArrayBufferWriter<byte>(needed.Count * SpillFormat.EntryLength);
        var frame = new ArrayBufferWriter<byte>();
        var buffer = Array.Empty<byte>();
        foreach (var (sequence, records) in needed)
        {
            // Lost to the disk: the log names it when it finds it.
            if (!log.TryRead(sequence, ref buffer, out var entry) || !Envelope.TryRead(BatchLog.EnvelopeOf(buffer, entry).Span, out var envelope))
            {
                continue;
            }

            var payload = BatchLog.PayloadOf(buffer, entry).Span;
            frame.ResetWrittenCount();
            (records.IsWhole ? envelope : envelope with { Kept = records.Kept, Stamps = records.Stamps }).WriteTo(frame);
            var envelopeLength = frame.WrittenCount;
            if (records.IsWhole || records.Kept.Count == entry.RecordCount)
            {
                frame.Write(payload);
            }
            else
            {
                Slice(entry.Signal, payload, [.. records.Kept.Select(k => k.Index)], frame);
            }

            SpillFormat.WriteEntry(
                index.GetSpan(SpillFormat.EntryLength),
                new SpillEntry(sequence, file.Position, envelopeLength, frame.WrittenCount - envelopeLength, XxHash3.HashToUInt64(frame.WrittenSpan)));
            index.Advance(SpillFormat.EntryLength);
            if (file.Position + frame.WrittenCount + index.WrittenCount > maxBytes)
            {
                throw new SpillFullException();
            }

            file.Write(frame.WrittenSpan);
        }

        var written = new SpillHeader(first, last, file.Position, index.WrittenCount / SpillFormat.EntryLength);
        file.Write(index.WrittenSpan);
        Span<byte> hash = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(hash, XxHash3.HashToUInt64(index.WrittenSpan));
        file.Write(hash);
        SpillFormat.WriteHeader(header, written);
        file.Position = 0;
        file.Write(header);
        return written;
    }

    private SortedDictionary<ulong, NeededRecords> Needed(ulong first, ulong last, ulong after)
    {
        var needed = new SortedDictionary<ulong, NeededRecords>();
        foreach (var number in journal.FramesOf(after, first, last))
        {
            if (journal.Read(number) is not { } frame)
            {
                continue;
            }

            foreach (var batch in frame.Batches)
            {
                if (batch.Sequence < first || batch.Sequence > last || (!batch.IsWhole && batch.Kept.Count == 0))
                {
                    continue;
                }

                if (!needed.TryGetValue(batch.Sequence, out var records))
                {
                    needed.Add(batch.Sequence, records = new NeededRecords());
                }

                records.Add(batch, frame.Stamps);
            }
        }

        foreach (var records in needed.Values)
        {
            records.Order();
        }

        return needed;
    }

    /// <summary>What all frames together need of one batch.</summary>
    private sealed class NeededRecords
    {
        public bool IsWhole { get; private set; }

        public List<KeptRecord> Kept { get; } = [];

        public List<Stamp> Stamps { get; } = [];

        public void Add(BatchDecision batch, IReadOnlyList<Stamp> stamps)
        {
            IsWhole |= batch.IsWhole;
            foreach (var kept in batch.Kept)
            {
                var stamp = Stamps.IndexOf(stamps[kept.Stamp]);
                if (stamp < 0)
                {
                    stamp = Stamps.Count;
                    Stamps.Add(stamps[kept.Stamp]);
                }

                Kept.Add(new KeptRecord(kept.Index, (ushort)stamp));
            }
        }

        public void Order() => Kept.Sort((a, b) => a.Index.CompareTo(b.Index));
    }
}

/// <summary>The spill would grow above its bound.</summary>
internal sealed class SpillFullException : Exception;
