using System.Buffers.Binary;

namespace StellaOps.Telemetry.Otlp.Wire;

/// <summary>Wire types of protobuf (https://protobuf.dev/programming-guides/encoding/#structure). Groups (3, 4) are refused: OTLP has none.</summary>
public enum WireType : byte
{
    Varint = 0,
    Fixed64 = 1,
    LengthDelimited = 2,
    Fixed32 = 5,
}

/// <summary>
/// Reads the fields of one protobuf message over a span, without allocating. After <see cref="TryReadField"/> returned false,
/// <see cref="IsMalformed"/> tells the end of the message from bytes that are not a message.
/// </summary>
public ref struct WireReader
{
    private readonly ReadOnlySpan<byte> _data;
    private int _position;

    /// <summary>Starts at the first byte of a message.</summary>
    public WireReader(ReadOnlySpan<byte> message)
    {
        _data = message;
    }

    /// <summary>Number of the field just read.</summary>
    public readonly int FieldNumber => (int)(Tag >> 3);

    /// <summary>Wire type of the field just read.</summary>
    public readonly WireType WireType => (WireType)(Tag & 7);

    /// <summary>Offset of the field's tag in the message.</summary>
    public int FieldStart { get; private set; }

    /// <summary>Offset of the first byte after the field.</summary>
    public readonly int FieldEnd => _position;

    /// <summary>Offset of the first byte of a length-delimited field's content.</summary>
    public int ContentStart { get; private set; }

    /// <summary>Value of a varint, fixed32 or fixed64 field.</summary>
    public ulong Value { get; private set; }

    /// <summary>Content of a length-delimited field.</summary>
    public readonly ReadOnlySpan<byte> Content => WireType == WireType.LengthDelimited ? _data[ContentStart.._position] : default;

    /// <summary>The whole field: tag, length and content.</summary>
    public readonly ReadOnlySpan<byte> Field => _data[FieldStart.._position];

    /// <summary>True once bytes were met that are no protobuf.</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>Number and wire type of the field just read, as on the wire: one look instead of two (<see cref="WireTag"/>).</summary>
    internal uint Tag { get; private set; }

    /// <summary>Moves to the next field; false at the end and on malformed bytes.</summary>
    public bool TryReadField()
    {
        var data = _data;
        var at = _position;
        if ((uint)at >= (uint)data.Length)
        {
            return false;
        }

        FieldStart = at;
        if (!Varint.TryRead(data, ref at, out var tag) || tag is < 8 or > uint.MaxValue)
        {
            return Malformed();
        }

        Tag = (uint)tag;
        switch ((WireType)(tag & 7))
        {
            case WireType.LengthDelimited:
                if (!Varint.TryReadLength(data, ref at, out var length))
                {
                    return Malformed();
                }

                ContentStart = at;
                _position = at + length;
                return true;
            case WireType.Varint:
                if (!Varint.TryRead(data, ref at, out var varint))
                {
                    return Malformed();
                }

                Value = varint;
                _position = at;
                return true;
            case WireType.Fixed64:
                if (data.Length - at < sizeof(ulong))
                {
                    return Malformed();
                }

                Value = BinaryPrimitives.ReadUInt64LittleEndian(data[at..]);
                _position = at + sizeof(ulong);
                return true;
            case WireType.Fixed32:
                if (data.Length - at < sizeof(uint))
                {
                    return Malformed();
                }

                Value = BinaryPrimitives.ReadUInt32LittleEndian(data[at..]);
                _position = at + sizeof(uint);
                return true;
            default:
                return Malformed();
        }
    }

    /// <summary>
    /// Moves behind all fields of the same tag that follow at once: attributes, of which most of a record consists, when nobody asks
    /// for them. What is wrong with one is left for <see cref="TryReadField"/> to find.
    /// </summary>
    internal void SkipAlike()
    {
        var data = _data;
        var at = _position;
        var tag = Tag;
        if (tag >= 0x80 || WireType != WireType.LengthDelimited)
        {
            return;
        }

        while ((uint)at < (uint)data.Length && data[at] == tag)
        {
            var content = at + 1;
            if (!Varint.TryReadLength(data, ref content, out var length))
            {
                break;
            }

            at = content + length;
        }

        _position = at;
    }

    private bool Malformed()
    {
        IsMalformed = true;
        Tag = 0;
        _position = _data.Length;
        return false;
    }
}
