using System.Buffers.Binary;
using System.IO.Hashing;
using StellaOps.Telemetry.Archive;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.IngestGateway.Journal;

/// <summary>
/// Bytes of a frame; numbers little-endian, v: base-128 varint, text: v length and UTF-8.
/// <code>
/// u64 xxh3 of the rest   u32 version (high 4 bits) and length of what follows the number   u64 number
/// u64 low watermark   i64 kept before   i64 oldest accepted-at
/// v stamps { text policy   f64 rate   text incident id }
/// v batches   v kept records   v runs
///   { v sequence, zigzag, less the one before   v records kept whole * 2 + 1  |  v runs * 2 { v index less the end before   v length   v stamp + 1 } }
/// v tenants { text }   v traces { v tenant   16 trace id   v stamp + 1 }
/// </code>
/// A span costs under a byte where the spans of a trace stand together, a trace 18.
/// </summary>
internal static class JournalFrameCodec
{
    public const int HeaderLength = 20;
    private const uint Version = 1;
    private const int VersionShift = 28;

    public static void Encode(JournalFrame frame, IReadOnlyList<DecidedTrace> traces, FrameBytes bytes)
    {
        bytes.Clear();
        bytes.Take(HeaderLength);
        bytes.WriteInt64((long)frame.LowWatermark);
        bytes.WriteInt64(frame.KeptBefore);
        bytes.WriteInt64(frame.OldestAcceptedAt);
        bytes.WriteVarint(frame.Stamps.Count);
        foreach (var stamp in frame.Stamps)
        {
            bytes.WriteText(stamp.Policy);
            bytes.WriteInt64(BitConverter.DoubleToInt64Bits(stamp.Rate));
            bytes.WriteText(stamp.IncidentId ?? "");
        }

        EncodeBatches(frame, bytes);
        EncodeTraces(traces, bytes);
        var written = bytes.Written;
        BinaryPrimitives.WriteUInt32LittleEndian(written[8..], (Version << VersionShift) | (uint)(written.Length - HeaderLength));
        BinaryPrimitives.WriteUInt64LittleEndian(written[12..], frame.Number);
        BinaryPrimitives.WriteUInt64LittleEndian(written, XxHash3.HashToUInt64(written[8..]));
    }

    /// <summary>Length of the whole frame; 0 where no frame of this version begins.</summary>
    public static int LengthOf(ReadOnlySpan<byte> header)
    {
        var word = BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
        return word >> VersionShift == Version ? (int)(word & ((1u << VersionShift) - 1)) + HeaderLength : 0;
    }

    public static ulong NumberOf(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadUInt64LittleEndian(header[12..]);

    public static bool IsSound(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt64LittleEndian(bytes) == XxHash3.HashToUInt64(bytes[8..]);

    /// <summary>Decodes bytes whose checksum was found right.</summary>
    public static JournalFrame Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new FrameBytesReader(bytes[HeaderLength..]);
        return DecodeFrame(ref reader, NumberOf(bytes));
    }

    /// <summary>Decodes the traces as well.</summary>
    public static JournalFrame Decode(ReadOnlySpan<byte> bytes, List<DecidedTrace> traces)
    {
        var reader = new FrameBytesReader(bytes[HeaderLength..]);
        var frame = DecodeFrame(ref reader, NumberOf(bytes));
        var tenants = new TenantId[reader.ReadCount()];
        for (var i = 0; i < tenants.Length; i++)
        {
            tenants[i] = TenantId.Parse(reader.ReadText());
        }

        traces.Clear();
        for (var count = reader.ReadCount(); count > 0; count--)
        {
            var tenant = tenants[reader.ReadCount()];
            traces.Add(new DecidedTrace(tenant, BinaryPrimitives.ReadUInt128BigEndian(reader.Take(16)), reader.ReadCount() - 1));
        }

        return frame;
    }

    private static void EncodeBatches(JournalFrame frame, FrameBytes bytes)
    {
        var kept = 0;
        var runs = 0;
        foreach (var batch in frame.Batches)
        {
            kept += batch.Kept.Count;
            runs += batch.Runs.Count;
        }

        bytes.WriteVarint(frame.Batches.Count);
        bytes.WriteVarint(kept);
        bytes.WriteVarint(runs);
        var last = 0ul;
        foreach (var batch in frame.Batches)
        {
            var difference = (long)(batch.Sequence - last);
            bytes.WriteVarint((ulong)((difference << 1) ^ (difference >> 63)));
            last = batch.Sequence;
            if (batch.IsWhole)
            {
                bytes.WriteVarint(((ulong)batch.RecordCount << 1) | 1);
                continue;
            }

            bytes.WriteVarint((ulong)batch.Runs.Count << 1);
            var end = 0;
            foreach (var run in batch.Runs)
            {
                bytes.WriteVarint(run.Index - end);
                bytes.WriteVarint(run.Length);
                bytes.WriteVarint(run.Stamp + 1);
                end = run.Index + run.Length;
            }
        }
    }

    private static void EncodeTraces(IReadOnlyList<DecidedTrace> traces, FrameBytes bytes)
    {
        var numbers = new Dictionary<TenantId, int>();
        for (var i = 0; i < traces.Count; i++)
        {
            numbers.TryAdd(traces[i].Tenant, numbers.Count);
        }

        bytes.WriteVarint(numbers.Count);
        foreach (var tenant in numbers.Keys)
        {
            bytes.WriteText(tenant.Value);
        }

        bytes.WriteVarint(traces.Count);
        var last = default(TenantId);
        var number = 0;
        for (var i = 0; i < traces.Count; i++)
        {
            var trace = traces[i];
            if (trace.Tenant != last)
            {
                (last, number) = (trace.Tenant, numbers[trace.Tenant]);
            }

            bytes.WriteVarint(number);
            BinaryPrimitives.WriteUInt128BigEndian(bytes.Take(16), trace.TraceId);
            bytes.WriteVarint(trace.Stamp + 1);
        }
    }

    private static JournalFrame DecodeFrame(ref FrameBytesReader reader, ulong number)
    {
        var low = (ulong)reader.ReadInt64();
        var keptBefore = reader.ReadInt64();
        var oldest = reader.ReadInt64();
        var stamps = new Stamp[reader.ReadCount()];
        for (var i = 0; i < stamps.Length; i++)
        {
            var (policy, rate, incident) = (reader.ReadText(), BitConverter.Int64BitsToDouble(reader.ReadInt64()), reader.ReadText());
            stamps[i] = new Stamp(policy, rate, incident.Length == 0 ? null : incident);
        }

        var batches = new BatchDecision[reader.ReadCount()];
        var kept = new KeptRecord[reader.ReadCount()];
        var runs = new DecisionRun[reader.ReadCount()];
        var (keptAt, runAt) = (0, 0);
        var sequence = 0ul;
        for (var i = 0; i < batches.Length; i++)
        {
            var zigzag = reader.ReadVarint();
            sequence += (zigzag >> 1) ^ (0 - (zigzag & 1));
            var word = reader.ReadVarint();
            if ((word & 1) != 0)
            {
                batches[i] = BatchDecision.Whole(sequence, checked((int)(word >> 1)));
                continue;
            }

            var (firstKept, firstRun, records, end) = (keptAt, runAt, 0, 0);
            for (var count = (int)(word >> 1); count > 0; count--)
            {
                var run = new DecisionRun(end + reader.ReadCount(), reader.ReadCount(), reader.ReadCount() - 1);
                runs[runAt++] = run;
                end = run.Index + run.Length;
                records += run.Length;
                for (var index = run.Index; run.Stamp >= 0 && index < end; index++)
                {
                    kept[keptAt++] = new KeptRecord(index, (ushort)run.Stamp);
                }
            }

            batches[i] = new BatchDecision(sequence, false, records, new(kept, firstKept, keptAt - firstKept), new(runs, firstRun, runAt - firstRun));
        }

        return new JournalFrame(number, low, keptBefore, oldest, stamps, batches);
    }
}
