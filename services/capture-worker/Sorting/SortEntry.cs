using System.Buffers.Binary;
using StellaOps.Telemetry.Otlp;

namespace StellaOps.Telemetry.CaptureWorker.Sorting;

/// <summary>
/// One record on its way through the sort, as it lies in memory and in a run file. All numbers big-endian, so that bytes compare as they do:
/// <code>
/// u32 length of everything after this
/// u64 event time   u128 trace id   u64 span id                                        what the total order begins with
/// u128 batch hash   u32 index   i64 accepted-at   u32 gateway   u64 sequence          where the record comes from
/// u32 chunk                                                                           which segment it was read from
/// canonical frame
/// </code>
/// </summary>
internal readonly ref struct SortEntry
{
    public const int PrefixLength = 4;

    /// <summary>Offset of the frame in the entry: what a record costs in the sort besides its frame.</summary>
    public const int FrameStart = ChunkStart + 4;

    private const int OriginStart = PrefixLength + 8 + 16 + 8;
    private const int ChunkStart = OriginStart + RecordOrigin.Length;

    private readonly ReadOnlySpan<byte> _entry;

    /// <param name="entry">Begins with the length; may be followed by other entries.</param>
    public SortEntry(ReadOnlySpan<byte> entry)
    {
        _entry = entry[..LengthOf(entry)];
    }

    public ulong EventTime => BinaryPrimitives.ReadUInt64BigEndian(_entry[PrefixLength..]);

    public RecordOrigin Origin => RecordOrigin.Read(_entry[OriginStart..]);

    public int Chunk => BinaryPrimitives.ReadInt32BigEndian(_entry[ChunkStart..]);

    public ReadOnlySpan<byte> Frame => _entry[FrameStart..];

    /// <summary>Bytes of an entry, its length prefix included.</summary>
    public static int LengthOf(ReadOnlySpan<byte> entry) => checked(PrefixLength + BinaryPrimitives.ReadInt32BigEndian(entry));

    /// <summary>Bytes that <see cref="Write"/> needs.</summary>
    public static int Measure(ReadOnlySpan<byte> frame) => checked(FrameStart + frame.Length);

    public static void Write(Span<byte> target, FrameKey key, in RecordOrigin origin, int chunk, ReadOnlySpan<byte> frame)
    {
        BinaryPrimitives.WriteInt32BigEndian(target, Measure(frame) - PrefixLength);
        BinaryPrimitives.WriteUInt64BigEndian(target[4..], key.EventTimeUnixNano);
        BinaryPrimitives.WriteUInt128BigEndian(target[12..], key.TraceId);
        BinaryPrimitives.WriteUInt64BigEndian(target[28..], key.SpanId);
        origin.Write(target[OriginStart..]);
        BinaryPrimitives.WriteInt32BigEndian(target[ChunkStart..], chunk);
        frame.CopyTo(target[FrameStart..]);
    }

    /// <summary>
    /// The total order of the bundle. Identical frames are ordered by where they come from: copies of one record stand side by side, and
    /// repetitions of a batch in the order in which they were accepted.
    /// </summary>
    public static int Compare(ReadOnlySpan<byte> x, ReadOnlySpan<byte> y)
    {
        var order = x[PrefixLength..OriginStart].SequenceCompareTo(y[PrefixLength..OriginStart]);
        if (order == 0)
        {
            order = new SortEntry(x).Frame.SequenceCompareTo(new SortEntry(y).Frame);
        }

        return order != 0 ? order : x[OriginStart..FrameStart].SequenceCompareTo(y[OriginStart..FrameStart]);
    }
}
