using System.Globalization;
using System.IO.Hashing;
using Microsoft.Win32.SafeHandles;

namespace StellaOps.Telemetry.IngestGateway.Spill;

/// <summary>One spill file. Its index is read when it is first asked, and dropped when others are.</summary>
internal sealed class SpillFile(string path, long bytes, SpillHeader header) : IDisposable
{
    public const string Suffix = ".spill";

    private readonly Lock _lock = new();
    private SafeFileHandle? _handle;
    private byte[]? _index;

    public string Path => path;

    public long Bytes => bytes;

    public ulong First => header.First;

    public ulong Last => header.Last;

    public static string NameOf(ulong first) => first.ToString("d20", CultureInfo.InvariantCulture) + Suffix;

    /// <summary>Null when the file is not whole.</summary>
    public static SpillFile? Open(string path)
    {
        using var handle = File.OpenHandle(path);
        Span<byte> bytes = stackalloc byte[SpillFormat.HeaderLength];
        return RandomAccess.Read(handle, bytes, 0) == bytes.Length && SpillFormat.TryReadHeader(bytes, out var header)
            ? new SpillFile(path, RandomAccess.GetLength(handle), header)
            : null;
    }

    /// <summary>Reads envelope and payload into the buffer, which is grown to fit; false when it is not there or damaged.</summary>
    public bool TryRead(ulong sequence, ref byte[] buffer, out SpillEntry entry)
    {
        entry = default;
        lock (_lock)
        {
            if (!TryLoad() || !TryFind(sequence, out entry))
            {
                return false;
            }

            if (buffer.Length < entry.Length)
            {
                buffer = new byte[Math.Max(entry.Length, buffer.Length * 2)];
            }

            var read = buffer.AsSpan(0, entry.Length);
            return RandomAccess.Read(_handle!, read, entry.Offset) == read.Length && XxHash3.HashToUInt64(read) == entry.Hash;
        }
    }

    /// <summary>Gives memory and handle back; the next read gets them again.</summary>
    public void Unload()
    {
        lock (_lock)
        {
            _handle?.Dispose();
            (_handle, _index) = (null, null);
        }
    }

    public void Dispose() => Unload();

    private bool TryLoad()
    {
        if (_index is not null)
        {
            return true;
        }

        if (!File.Exists(path))
        {
            return false;
        }

        _handle = File.OpenHandle(path);
        var index = new byte[(header.Entries * SpillFormat.EntryLength) + sizeof(ulong)];
        if (RandomAccess.Read(_handle, index, header.IndexOffset) != index.Length
            || XxHash3.HashToUInt64(index.AsSpan(..^sizeof(ulong))) != System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(index.AsSpan(index.Length - sizeof(ulong))))
        {
            _handle.Dispose();
            _handle = null;
            return false;
        }

        _index = index;
        return true;
    }

    private bool TryFind(ulong sequence, out SpillEntry entry)
    {
        var low = 0;
        var high = header.Entries - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            entry = SpillFormat.ReadEntry(_index.AsSpan(middle * SpillFormat.EntryLength));
            if (entry.Sequence == sequence)
            {
                return true;
            }

            (low, high) = entry.Sequence < sequence ? (middle + 1, high) : (low, middle - 1);
        }

        entry = default;
        return false;
    }
}
