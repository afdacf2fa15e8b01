using System.Buffers.Binary;

namespace StellaOps.Telemetry.CaptureWorker.Sorting;

/// <summary>
/// One record on its way through the sort, as it lies in memory and in a run file. All numbers big-endian:
/// <code>
/// u32 length of everything after this   u64 event time   u32 trace id length   u32 span id length
/// u32 gateway   u64 sequence   u32 index   trace id   span id   canonical frame
/// </code>
/// </summary>
internal readonly ref struct SortEntry
{
    public const int PrefixLength = 4;
    private const int HeaderLength = PrefixLength + 8 + 4 + 4 + 4 + 8 + 4;
    private readonly ReadOnlySpan<byte> _entry;

    /// <param name="entry">Begins with the length; may be followed by other entries.</param>
    public SortEntry(ReadOnlySpan<byte> entry)
    {
        _entry = entry[..LengthOf(entry)];
    }

    public ulong EventTime => BinaryPrimitives.ReadUInt64BigEndian(_entry[4..]);

    public RecordOrigin Origin => new(
        BinaryPrimitives.ReadInt32BigEndian(_entry[20..]),
        BinaryPrimitives.ReadUInt64BigEndian(_entry[24..]),
        BinaryPrimitives.ReadInt32BigEndian(_entry[32..]));

    public ReadOnlySpan<byte> Frame => _entry[FrameStart..];

    /// <summary>Offset of the frame in the entry.</summary>
    public int FrameStart => HeaderLength + TraceLength + SpanLength;

    private int TraceLength => BinaryPrimitives.ReadInt32BigEndian(_entry[12..]);

    private int SpanLength => BinaryPrimitives.ReadInt32BigEndian(_entry[16..]);

    private ReadOnlySpan<byte> TraceId => _entry.Slice(HeaderLength, TraceLength);

    private ReadOnlySpan<byte> SpanId => _entry.Slice(HeaderLength + TraceLength, SpanLength);

    /// <summary>Bytes of an entry, its length prefix included.</summary>
    public static int LengthOf(ReadOnlySpan<byte> entry) => checked(PrefixLength + BinaryPrimitives.ReadInt32BigEndian(entry));

    /// <summary>Bytes that <see cref="Write"/> needs.</summary>
    public static int Measure(ReadOnlySpan<byte> traceId, ReadOnlySpan<byte> spanId, ReadOnlySpan<byte> frame) =>
        checked(HeaderLength + traceId.Length + spanId.Length + frame.Length);

    public static void Write(
        Span<byte> target, ulong eventTime, ReadOnlySpan<byte> traceId, ReadOnlySpan<byte> spanId, RecordOrigin origin, ReadOnlySpan<byte> frame)
    {
        BinaryPrimitives.WriteInt32BigEndian(target, Measure(traceId, spanId, frame) - PrefixLength);
        BinaryPrimitives.WriteUInt64BigEndian(target[4..], eventTime);
        BinaryPrimitives.WriteInt32BigEndian(target[12..], traceId.Length);
        BinaryPrimitives.WriteInt32BigEndian(target[16..], spanId.Length);
        BinaryPrimitives.WriteInt32BigEndian(target[20..], origin.Gateway);
        BinaryPrimitives.WriteUInt64BigEndian(target[24..], origin.Sequence);
        BinaryPrimitives.WriteInt32BigEndian(target[32..], origin.Index);
        traceId.CopyTo(target[HeaderLength..]);
        spanId.CopyTo(target[(HeaderLength + traceId.Length)..]);
        frame.CopyTo(target[(HeaderLength + traceId.Length + spanId.Length)..]);
    }

    /// <summary>The total order of the bundle: event time, trace id, span id, then bytes. Equal only for identical frames.</summary>
    public static int Compare(ReadOnlySpan<byte> x, ReadOnlySpan<byte> y)
    {
        var left = new SortEntry(x);
        var right = new SortEntry(y);
        var order = left.EventTime.CompareTo(right.EventTime);
        if (order == 0)
        {
            order = left.TraceId.SequenceCompareTo(right.TraceId);
        }

        if (order == 0)
        {
            order = left.SpanId.SequenceCompareTo(right.SpanId);
        }

        return order != 0 ? order : left.Frame.SequenceCompareTo(right.Frame);
    }
}
