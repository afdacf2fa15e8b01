using System.Buffers.Binary;
using System.Text;

namespace StellaOps.Telemetry.IngestGateway.Journal;

/// <summary>Bytes of a frame in the making; the memory is used again for the next one.</summary>
internal sealed class FrameBytes
{
    private byte[] _bytes = new byte[4096];
    private int _length;

    public Span<byte> Written => _bytes.AsSpan(0, _length);

    public ReadOnlyMemory<byte> WrittenMemory => _bytes.AsMemory(0, _length);

    public void Clear() => _length = 0;

    public Span<byte> Take(int length)
    {
        if (_bytes.Length - _length < length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + length));
        }

        var taken = _bytes.AsSpan(_length, length);
        _length += length;
        return taken;
    }

    public void WriteInt64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Take(8), value);

    public void WriteVarint(ulong value)
    {
        while (value >= 0x80)
        {
            Take(1)[0] = (byte)(value | 0x80);
            value >>= 7;
        }

        Take(1)[0] = (byte)value;
    }

    public void WriteVarint(int value) => WriteVarint((uint)value);

    public void WriteText(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        WriteVarint(length);
        Encoding.UTF8.GetBytes(text, Take(length));
    }
}

/// <summary>Reads what <see cref="FrameBytes"/> wrote. The checksum was found right, so an end within a value is a fault of ours: it throws.</summary>
internal ref struct FrameBytesReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public ReadOnlySpan<byte> Take(int length)
    {
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }

    public long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public ulong ReadVarint()
    {
        var value = 0ul;
        for (var shift = 0; ; shift += 7)
        {
            var b = _rest[0];
            _rest = _rest[1..];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
            {
                return value;
            }
        }
    }

    public int ReadCount() => checked((int)ReadVarint());

    public string ReadText() => Encoding.UTF8.GetString(Take(ReadCount()));
}
