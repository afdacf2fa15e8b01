using System.Buffers.Binary;

namespace StellaOps.Telemetry.CaptureWorker.Sorting;

/// <summary>A sorted run in a temporary file, read entry by entry. The file goes with it.</summary>
internal sealed class SortRun : IDisposable
{
    private const int BufferSize = 64 * 1024;
    private readonly FileStream _file;
    private byte[] _entry = new byte[4096];
    private int _length;

    private SortRun(FileStream file) => _file = file;

    /// <summary>The entry just read; valid until the next <see cref="TryRead"/>.</summary>
    public ReadOnlyMemory<byte> Current => _entry.AsMemory(0, _length);

    /// <summary>Writes a run through <paramref name="write"/> and leaves it ready to be read from its start.</summary>
    public static SortRun Create(string path, Action<Stream> write)
    {
        var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            BufferSize = BufferSize,
            Options = FileOptions.DeleteOnClose | FileOptions.SequentialScan,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        try
        {
            write(file);
            file.Flush();
            file.Position = 0;
            return new SortRun(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public bool TryRead()
    {
        Span<byte> prefix = stackalloc byte[SortEntry.PrefixLength];
        if (_file.ReadAtLeast(prefix, prefix.Length, throwOnEndOfStream: false) < prefix.Length)
        {
            _length = 0;
            return false;
        }

        _length = SortEntry.LengthOf(prefix);
        if (_entry.Length < _length)
        {
            _entry = new byte[Math.Max(_length, _entry.Length * 2)];
        }

        BinaryPrimitives.WriteInt32BigEndian(_entry, _length - SortEntry.PrefixLength);
        _file.ReadExactly(_entry.AsSpan(SortEntry.PrefixLength, _length - SortEntry.PrefixLength));
        return true;
    }

    public void Dispose() => _file.Dispose();
}
