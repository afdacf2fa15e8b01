namespace StellaOps.Telemetry.Evidence.Kits.Pieces;

/// <summary>Bytes, or a stretch of a file.</summary>
/// <param name="At">Where it begins in the file.</param>
internal sealed record Segment(long Length, string? Path, long At, ReadOnlyMemory<byte> Content)
{
    public static Segment OfFile(string path, long at, long length) => new(length, path, at, default);

    public static Segment OfBytes(ReadOnlyMemory<byte> content) => new(content.Length, null, 0, content);
}

/// <summary>Segments one after the other, read as one stream; one file is open at a time.</summary>
internal sealed class SegmentStream : Stream
{
    private readonly IReadOnlyList<Segment> _segments;
    private readonly long[] _begins;
    private FileStream? _file;
    private long _position;

    public SegmentStream(IReadOnlyList<Segment> segments)
    {
        _segments = segments;
        _begins = new long[segments.Count];
        foreach (var (i, segment) in segments.Index())
        {
            _begins[i] = Length;
            Length += segment.Length;
        }
    }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length { get; }

    public override long Position
    {
        get => _position;
        set => _position = value;
    }

    public override int Read(Span<byte> buffer)
    {
        if (_position >= Length || buffer.Length == 0)
        {
            return 0;
        }

        // The last segment that begins at or before the position; an empty one shares its beginning with the one after it.
        var found = Array.BinarySearch(_begins, _position);
        var index = found >= 0 ? found : ~found - 1;
        while (_begins[index] + _segments[index].Length <= _position)
        {
            index++;
        }

        var segment = _segments[index];
        var within = _position - _begins[index];
        buffer = buffer[..(int)Math.Min(buffer.Length, segment.Length - within)];
        if (segment.Path is null)
        {
            segment.Content.Span.Slice((int)within, buffer.Length).CopyTo(buffer);
            _position += buffer.Length;
            return buffer.Length;
        }

        if (_file?.Name != segment.Path)
        {
            _file?.Dispose();
            _file = new FileStream(segment.Path, FileMode.Open, FileAccess.Read, FileShare.Read, 1);
        }

        _file.Position = segment.At + within;
        var read = _file.Read(buffer);
        _position += read > 0 ? read : throw new EndOfStreamException($"'{segment.Path}' became shorter while it was read");
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) => _position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        _ => Length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _file?.Dispose();
        base.Dispose(disposing);
    }
}
