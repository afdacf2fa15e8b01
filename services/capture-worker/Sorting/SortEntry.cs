using System.Buffers.Binary;
using StellaOps.Telemetry.Otlp;

namespace StellaOps.Telemetry.CaptureWorker.Sorting;

/// <summary>
/// One record on its way through the sort, as it lies in memory and in a run file. All numbers big-endian:
/// <code>
/// u32 length of everything after this   u64 event time   u128 trace id   u64 span id   u32 gateway   u64 sequence   u32 index   canonical frame
/// </code>
/// </summary>
internal readonly ref struct SortEntry
{
    public const int PrefixLength = 4;

    /// <summary>Offset of the frame in the entry.</summary>
    public const int FrameStart = PrefixLength + 8 + 16 + 8 + 4 + 8 + 4;

    private readonly ReadOnlySpan<byte> _entry;

    /// <param name="entry">Begins with the length; may be followed by other entries.</param>
    public SortEntry(ReadOnlySpan<byte> entry)
    {
        _entry = entry[..LengthOf(entry)];
    }

    public FrameKey Key => new(
        BinaryPrimitives.ReadUInt64BigEndian(_entry[4..]),
        BinaryPrimitives.ReadUInt128BigEndian(_entry[12..]),
        BinaryPrimitives.ReadUInt64BigEndian(_entry[28..]));

    public RecordOrigin Origin => new(
        BinaryPrimitives.ReadInt32BigEndian(_entry[36..]),
        BinaryPrimitives.ReadUInt64BigEndian(_entry[40..]),
        BinaryPrimitives.ReadInt32BigEndian(_entry[48..]));

    public ReadOnlySpan<byte> Frame => _entry[FrameStart..];

    /// <summary>Bytes of an entry, its length prefix included.</summary>
    public static int LengthOf(ReadOnlySpan<byte> entry) => checked(PrefixLength + BinaryPrimitives.ReadInt32BigEndian(entry));

    /// <summary>Bytes that <see cref="Write"/> needs.</summary>
    public static int Measure(ReadOnlySpan<byte> frame) => checked(FrameStart + frame.Length);

    public static void Write(Span<byte> target, FrameKey key, RecordOrigin origin, ReadOnlySpan<byte> frame)
    {
        BinaryPrimitives.WriteInt32BigEndian(target, Measure(frame) - PrefixLength);
        BinaryPrimitives.WriteUInt64BigEndian(target[4..], key.EventTimeUnixNano);
        BinaryPrimitives.WriteUInt128BigEndian(target[12..], key.TraceId);
        BinaryPrimitives.WriteUInt64BigEndian(target[28..], key.SpanId);
        BinaryPrimitives.WriteInt32BigEndian(target[36..], origin.Gateway);
        BinaryPrimitives.WriteUInt64BigEndian(target[40..], origin.Sequence);
        BinaryPrimitives.WriteInt32BigEndian(target[48..], origin.Index);
        frame.CopyTo(target[FrameStart..]);
    }

    /// <summary>The total order of the bundle. Equal only for identical frames.</summary>
    public static int Compare(ReadOnlySpan<byte> x, ReadOnlySpan<byte> y)
    {
        var left = new SortEntry(x);
        var right = new SortEntry(y);
        return CanonicalFrame.Compare(left.Key, left.Frame, right.Key, right.Frame);
    }
}
