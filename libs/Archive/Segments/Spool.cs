using System.Buffers;

namespace StellaOps.Telemetry.Archive.Segments;

/// <summary>
/// Bytes that wait for a segment's completion: in memory while they are few and all spools together hold little, then in a file without a
/// name. A thousand tenants with little to say need a thousand small buffers, and no file.
/// </summary>
internal sealed class Spool(string folder) : IDisposable
{
    private const int FirstBlock = 4 * 1024;
    private const int LargestBlock = 1024 * 1024;

    /// <summary>Blocks grow while those of the whole process are below it; a spool that cannot grow writes what it has to its file.</summary>
    private const long MaxHeldBytes = 64L * 1024 * 1024;

    private static long s_held;

    private byte[] _block = [];
    private int _used;
    private FileStream? _file;

    /// <summary>Bytes so far.</summary>
    public long Length => (_file?.Length ?? 0) + _used;

    /// <summary>Whether all of it is in memory.</summary>
    public bool IsInMemory => _file is null;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_used == _block.Length && !TryGrow())
            {
                WriteOut();
            }

            var part = Math.Min(bytes.Length, _block.Length - _used);
            bytes[..part].CopyTo(_block.AsSpan(_used));
            _used += part;
            bytes = bytes[part..];
        }
    }

    /// <summary>Hands everything, in order, to the stream.</summary>
    public void CopyTo(Stream stream)
    {
        if (_file is not null)
        {
            WriteOut();
            _file.Position = 0;
            for (int read; (read = _file.Read(_block)) > 0;)
            {
                stream.Write(_block.AsSpan(0, read));
            }
        }

        stream.Write(_block.AsSpan(0, _used));
    }

    public void Dispose()
    {
        Release(_block);
        (_block, _used) = ([], 0);
        _file?.Dispose();
    }

    private bool TryGrow()
    {
        var wanted = _block.Length == 0 ? FirstBlock : _block.Length * 2;
        if (wanted > LargestBlock || (_block.Length > 0 && Interlocked.Read(ref s_held) + wanted > MaxHeldBytes))
        {
            return false;
        }

        var grown = ArrayPool<byte>.Shared.Rent(wanted);
        Interlocked.Add(ref s_held, grown.Length);
        _block.AsSpan(0, _used).CopyTo(grown);
        Release(_block);
        _block = grown;
        return true;
    }

    private void WriteOut()
    {
        _file ??= SpoolFile.Open(folder);
        _file.Write(_block.AsSpan(0, _used));
        _used = 0;
    }

    private static void Release(byte[] block)
    {
        if (block.Length > 0)
        {
            Interlocked.Add(ref s_held, -block.Length);
            ArrayPool<byte>.Shared.Return(block);
        }
    }
}
