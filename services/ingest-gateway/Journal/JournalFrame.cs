using System.Buffers.Binary;
using System.IO.Hashing;
using StellaOps.Telemetry.Archive;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.IngestGateway.Journal;

/// <summary>What was decided of one batch in one frame. <see cref="IsWhole"/>: all of it kept, for no stamp (metrics, logs).</summary>
internal sealed record BatchDecision(ulong Sequence, bool IsWhole, IReadOnlyList<KeptRecord> Kept, IReadOnlyList<int> SampledOut);


/// <summary>
/// One tick of the sampler: all of it is on disk, or none. Bytes, little-endian: u64 xxh3 of the rest, u32 body length, u64 number, body.
/// </summary>
/// <param name="LowWatermark">Every batch below it is decided whole by this frame and those before it.</param>
/// <param name="KeptBefore">Records kept by all frames before this one, for queue depths.</param>
/// <param name="OldestAcceptedAt">Accepted-at of the oldest batch in the frame, unix nanoseconds; 0 when it has none.</param>
internal sealed record JournalFrame(
    ulong Number,
    ulong LowWatermark,
    long KeptBefore,
    long OldestAcceptedAt,
    IReadOnlyList<Stamp> Stamps,
    IReadOnlyList<BatchDecision> Batches,
    IReadOnlyList<(TenantId Tenant, UInt128 TraceId, int Stamp)> Traces,
    IReadOnlyList<int> WholeCounts)
{
    public const int HeaderLength = 20;

    /// <summary>Records that the frame keeps.</summary>
    public long Kept => Batches.Sum(b => (long)b.Kept.Count) + WholeCounts.Sum(c => (long)c);

    public ulong MaxSequence => Batches.Count == 0 ? 0 : Batches.Max(b => b.Sequence);

    public byte[] Encode()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(new byte[HeaderLength]);
        writer.Write(LowWatermark);
        writer.Write(KeptBefore);
        writer.Write(OldestAcceptedAt);
        writer.Write7BitEncodedInt(Stamps.Count);
        foreach (var stamp in Stamps)
        {
            writer.Write(stamp.Policy);
            writer.Write(stamp.Rate);
            writer.Write(stamp.IncidentId ?? "");
        }

        writer.Write7BitEncodedInt(Batches.Count);
        var whole = 0;
        foreach (var batch in Batches)
        {
            writer.Write(batch.Sequence);
            writer.Write(batch.IsWhole);
            if (batch.IsWhole)
            {
                writer.Write7BitEncodedInt(WholeCounts[whole++]);
                continue;
            }

            writer.Write7BitEncodedInt(batch.Kept.Count);
            var last = 0;
            foreach (var kept in batch.Kept)
            {
                writer.Write7BitEncodedInt(kept.Index - last);
                writer.Write7BitEncodedInt(kept.Stamp);
                last = kept.Index;
            }

            writer.Write7BitEncodedInt(batch.SampledOut.Count);
            last = 0;
            foreach (var index in batch.SampledOut)
            {
                writer.Write7BitEncodedInt(index - last);
                last = index;
            }
        }

        writer.Write7BitEncodedInt(Traces.Count);
        foreach (var (tenant, traceId, stamp) in Traces)
        {
            writer.Write(tenant.Value);
            writer.Write((ulong)(traceId >> 64));
            writer.Write((ulong)traceId);
            writer.Write7BitEncodedInt(stamp + 1);
        }

        writer.Flush();
        var bytes = stream.ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), bytes.Length - HeaderLength);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(12), Number);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, XxHash3.HashToUInt64(bytes.AsSpan(8)));
        return bytes;
    }

    /// <summary>Decodes bytes whose checksum was found right.</summary>
    public static JournalFrame Decode(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes, writable: false));
        reader.BaseStream.Position = HeaderLength;
        var low = reader.ReadUInt64();
        var keptBefore = reader.ReadInt64();
        var oldest = reader.ReadInt64();
        var stamps = new Stamp[reader.Read7BitEncodedInt()];
        for (var i = 0; i < stamps.Length; i++)
        {
            var (policy, rate, incident) = (reader.ReadString(), reader.ReadDouble(), reader.ReadString());
            stamps[i] = new Stamp(policy, rate, incident.Length == 0 ? null : incident);
        }

        var batches = new BatchDecision[reader.Read7BitEncodedInt()];
        var whole = new List<int>();
        for (var i = 0; i < batches.Length; i++)
        {
            var sequence = reader.ReadUInt64();
            if (reader.ReadBoolean())
            {
                whole.Add(reader.Read7BitEncodedInt());
                batches[i] = new BatchDecision(sequence, true, [], []);
                continue;
            }

            var kept = new KeptRecord[reader.Read7BitEncodedInt()];
            var last = 0;
            for (var k = 0; k < kept.Length; k++)
            {
                last += reader.Read7BitEncodedInt();
                kept[k] = new KeptRecord(last, (ushort)reader.Read7BitEncodedInt());
            }

            var dropped = new int[reader.Read7BitEncodedInt()];
            last = 0;
            for (var k = 0; k < dropped.Length; k++)
            {
                last += reader.Read7BitEncodedInt();
                dropped[k] = last;
            }

            batches[i] = new BatchDecision(sequence, false, kept, dropped);
        }

        var traces = new (TenantId, UInt128, int)[reader.Read7BitEncodedInt()];
        for (var i = 0; i < traces.Length; i++)
        {
            var tenant = TenantId.Parse(reader.ReadString());
            var high = reader.ReadUInt64();
            traces[i] = (tenant, new UInt128(high, reader.ReadUInt64()), reader.Read7BitEncodedInt() - 1);
        }

        return new JournalFrame(BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(12)), low, keptBefore, oldest, stamps, batches, traces, whole);
    }

    public static bool IsSound(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt64LittleEndian(bytes) == XxHash3.HashToUInt64(bytes[8..]);
}
