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
    public int FieldNumber { get; private set; }

    /// <summary>Wire type of the field just read.</summary>
    public WireType WireType { get; private set; }

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

    /// <summary>Moves to the next field; false at the end and on malformed bytes.</summary>
    public bool TryReadField()
    {
        if (_position >= _data.Length)
        {
            return false;
        }

        FieldStart = _position;
        if (!Varint.TryRead(_data, ref _position, out var tag) || tag > uint.MaxValue || (tag >> 3) == 0)
        {
            return Malformed();
        }

        FieldNumber = (int)(tag >> 3);
        WireType = (WireType)(tag & 7);
        switch (WireType)
        {
            case WireType.Varint:
                if (!Varint.TryRead(_data, ref _position, out var varint))
                {
                    return Malformed();
                }

                Value = varint;
                return true;
            case WireType.Fixed64:
                if (_data.Length - _position < 8)
                {
                    return Malformed();
                }

                Value = BinaryPrimitives.ReadUInt64LittleEndian(_data[_position..]);
                _position += 8;
                return true;
            case WireType.LengthDelimited:
                if (!Varint.TryReadLength(_data, ref _position, out var length))
                {
                    return Malformed();
                }

                ContentStart = _position;
                _position += length;
                return true;
            case WireType.Fixed32:
                if (_data.Length - _position < 4)
                {
                    return Malformed();
                }

                Value = BinaryPrimitives.ReadUInt32LittleEndian(_data[_position..]);
                _position += 4;
                return true;
            default:
                return Malformed();
        }
    }

    private bool Malformed()
    {
        IsMalformed = true;
        _position = _data.Length;
        return false;
    }
}
