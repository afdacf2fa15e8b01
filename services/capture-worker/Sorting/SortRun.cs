using Microsoft.Win32.SafeHandles;

namespace StellaOps.Telemetry.CaptureWorker.Sorting;

/// <summary>A sorted run in a temporary file, read entry by entry. The file has no name: whatever ends the process, nothing is left.</summary>
internal sealed class SortRun : IDisposable
{
    private const int WriteBufferSize = 256 * 1024;
    private const int ReadBufferSize = 64 * 1024;

    private readonly SafeFileHandle _file;
    private readonly long _bytes;
    private byte[] _buffer = [];
    private long _fileAt;
    private int _at;
    private int _end;
    private int _length;

    private SortRun(SafeFileHandle file, long bytes) => (_file, _bytes) = (file, bytes);

    /// <summary>The entry just read; valid until the next <see cref="TryRead"/>.</summary>
    public ReadOnlyMemory<byte> Current => _buffer.AsMemory(_at - _length, _length);

    /// <summary>Writes a run through <paramref name="write"/> and leaves it ready to be read from its start.</summary>
    public static SortRun Create(string folder, Action<Stream> write)
    {
        var path = Path.Combine(folder, $".run-{Guid.NewGuid():N}");
        var handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete);
        try
        {
            File.Delete(path);
            using var buffered = new BufferedStream(new RunStream(handle), WriteBufferSize);
            write(buffered);
            buffered.Flush();
            return new SortRun(handle, RandomAccess.GetLength(handle));
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    public bool TryRead()
    {
        if (!Has(SortEntry.PrefixLength))
        {
            _length = 0;
            return false;
        }

        var length = SortEntry.LengthOf(_buffer.AsSpan(_at));
        if (!Has(length))
        {
            throw new IOException("a run of the sort ends within an entry");
        }

        _length = length;
        _at += length;
        return true;
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Has so many bytes in the buffer from <see cref="_at"/> on; false when the file ends before.</summary>
    private bool Has(int length)
    {
        if (_end - _at >= length)
        {
            return true;
        }

        if (_end - _at + _bytes - _fileAt < length)
        {
            return false;
        }

        var rest = _buffer.AsSpan(_at, _end - _at);
        var buffer = _buffer.Length >= length && _buffer.Length > 0 ? _buffer : new byte[Math.Max(length, ReadBufferSize)];
        rest.CopyTo(buffer);
        (_buffer, _at, _end) = (buffer, 0, rest.Length);
        while (_end < _buffer.Length && RandomAccess.Read(_file, _buffer.AsSpan(_end), _fileAt) is > 0 and var read)
        {
            _end += read;
            _fileAt += read;
        }

        return _end >= length;
    }

    /// <summary>Appends to the file; a <see cref="FileStream"/> would close it with itself.</summary>
    private sealed class RunStream(SafeFileHandle file) : Stream
    {
        private long _written;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => _written;

        public override long Position { get => _written; set => throw new NotSupportedException(); }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            RandomAccess.Write(file, buffer, _written);
            _written += buffer.Length;
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
