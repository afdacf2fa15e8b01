using System.Buffers;
using System.Buffers.Binary;
using StellaOps.Telemetry.Otlp.Wire;

namespace StellaOps.Telemetry.Otlp.Json;

/// <summary>
/// A rented buffer that grows with what is written, never by what a sender claims. A message's length is put before its content once
/// that is known: one byte is left free, and the content moves where that is too little.
/// </summary>
internal ref struct JsonScratch
{
    private byte[] _buffer;

    public JsonScratch(int capacity)
    {
        _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(capacity, 256));
    }

    public int Length { get; private set; }

    public readonly ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    /// <summary>Room for so many bytes at the end; <see cref="Advance"/> takes it.</summary>
    public Span<byte> Reserve(int count)
    {
        if (_buffer.Length - Length < count)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, checked(Length + count)));
            Written.CopyTo(larger);
            Return();
            _buffer = larger;
        }

        return _buffer.AsSpan(Length);
    }

    public void Advance(int count) => Length += count;

    /// <summary>Takes back what was written after this length.</summary>
    public void Truncate(int length) => Length = length;

    public void WriteVarint(ulong value)
    {
        var writer = new WireWriter(Reserve(10));
        writer.WriteVarint(value);
        Length += writer.Written;
    }

    public void WriteTag(int fieldNumber, WireType type) => WriteVarint(((ulong)fieldNumber << 3) | (byte)type);

    public void WriteFixed32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(Reserve(4), value);
        Length += 4;
    }

    public void WriteFixed64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Reserve(8), value);
        Length += 8;
    }

    /// <summary>Starts a length-delimited field's content; <see cref="EndLength"/> takes what this returns.</summary>
    public int BeginLength()
    {
        Reserve(1);
        return ++Length;
    }

    public void EndLength(int contentStart)
    {
        var length = Length - contentStart;
        var extra = WireSize.Varint((ulong)length) - 1;
        if (extra > 0)
        {
            Reserve(extra);
            _buffer.AsSpan(contentStart, length).CopyTo(_buffer.AsSpan(contentStart + extra));
            Length += extra;
        }

        var writer = new WireWriter(_buffer.AsSpan(contentStart - 1));
        writer.WriteVarint((ulong)length);
    }

    public void Dispose()
    {
        Return();
        _buffer = [];
    }

    // What was written may be personal data, and the next renter is anyone.
    private readonly void Return()
    {
        _buffer.AsSpan(0, Length).Clear();
        ArrayPool<byte>.Shared.Return(_buffer);
    }
}
