using System.Buffers.Binary;

namespace StellaOps.Telemetry.Otlp.Wire;

/// <summary>Writes protobuf fields, minimally encoded, into a span that is known to be long enough (<see cref="WireSize"/>).</summary>
public ref struct WireWriter(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;

    /// <summary>Bytes written so far.</summary>
    public int Written { get; private set; }

    /// <summary>A varint.</summary>
    public void WriteVarint(ulong value)
    {
        while (value >= 0x80)
        {
            _destination[Written++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _destination[Written++] = (byte)value;
    }

    /// <summary>A field's tag.</summary>
    public void WriteTag(int fieldNumber, WireType type) => WriteVarint(((ulong)fieldNumber << 3) | (byte)type);

    /// <summary>Tag and length of a field whose content follows.</summary>
    public void WriteHeader(int fieldNumber, int contentLength)
    {
        WriteTag(fieldNumber, WireType.LengthDelimited);
        WriteVarint((ulong)contentLength);
    }

    /// <summary>A whole length-delimited field.</summary>
    public void WriteField(int fieldNumber, ReadOnlySpan<byte> content)
    {
        WriteHeader(fieldNumber, content.Length);
        WriteRaw(content);
    }

    /// <summary>A whole varint field.</summary>
    public void WriteField(int fieldNumber, ulong value)
    {
        WriteTag(fieldNumber, WireType.Varint);
        WriteVarint(value);
    }

    /// <summary>A whole double field.</summary>
    public void WriteField(int fieldNumber, double value)
    {
        WriteTag(fieldNumber, WireType.Fixed64);
        BinaryPrimitives.WriteDoubleLittleEndian(_destination[Written..], value);
        Written += 8;
    }

    /// <summary>Bytes that are encoded already.</summary>
    public void WriteRaw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_destination[Written..]);
        Written += bytes.Length;
    }
}
