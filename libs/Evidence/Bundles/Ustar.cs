using System.Globalization;
using System.Text;

namespace StellaOps.Telemetry.Evidence.Bundles;

/// <summary>
/// Two forms of ustar (POSIX.1-1988), both of regular files with owner and time zero, two zero blocks at the end and nothing after them. Bundles
/// have mode 0644 and names of at most 100 characters; kits also mode 0755, more characters, and names of up to 255 by the prefix field. The same
/// entries give the same bytes, and a header is read by writing it again.
/// </summary>
internal static class Ustar
{
    public const int BlockBytes = 512;
    private const int NameBytes = 100;
    private const int PrefixBytes = 155;

    public static byte[] EndOfArchive { get; } = new byte[2 * BlockBytes];

    /// <summary>What an entry takes: header, content, padding.</summary>
    public static long EntryBytes(long size) => BlockBytes + size + Padding(size);

    /// <summary>Zeros after content of this size.</summary>
    public static int Padding(long size) => (int)((BlockBytes - (size % BlockBytes)) % BlockBytes);

    /// <summary>A header in the bundles' form.</summary>
    public static byte[] Header(string name, long size) => Header(name, "", size, isExecutable: false);

    /// <summary>A header in the kits' form.</summary>
    /// <exception cref="ArgumentException">The path has no place in a header: see <see cref="IsKitPath"/>.</exception>
    public static byte[] KitHeader(string path, long size, bool isExecutable)
    {
        var cut = Cut(path);
        return cut < 0 ? Header(path, "", size, isExecutable) : Header(path[(cut + 1)..], path[..cut], size, isExecutable);
    }

    /// <summary>Reads a header; false on any that <see cref="Header(string, long)"/> does not write: links, folders, other modes, odd numbers.</summary>
    public static bool TryReadHeader(ReadOnlySpan<byte> header, out string name, out long size)
    {
        name = Text(header[..NameBytes]);
        return TryReadSize(header, out size) && IsName(name) && header.SequenceEqual(Header(name, size));
    }

    /// <summary>Reads a header; false on any that <see cref="KitHeader"/> does not write.</summary>
    public static bool TryReadKitHeader(ReadOnlySpan<byte> header, out string path, out long size, out bool isExecutable)
    {
        var prefix = Text(header.Slice(345, PrefixBytes));
        path = prefix.Length == 0 ? Text(header[..NameBytes]) : prefix + "/" + Text(header[..NameBytes]);
        isExecutable = header.Slice(100, 7).SequenceEqual("0000755"u8);
        return TryReadSize(header, out size) && IsKitPath(path) && header.SequenceEqual(KitHeader(path, size, isExecutable));
    }

    /// <summary>Relative, no empty part and none that begins with <c>.</c> or <c>-</c>, plain characters, and short enough for a header.</summary>
    public static bool IsKitPath(string path) =>
        path.Length is > 0 and <= NameBytes + 1 + PrefixBytes
        && path.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '/' or '-' or '_' or '+')
        && path.Split('/').All(part => part.Length > 0 && part[0] is not ('.' or '-'))
        && (path.Length <= NameBytes || Cut(path) > 0);

    /// <summary>Where a long path is cut into prefix and name: at the first slash that leaves a name that fits; -1 for a path that fits whole.</summary>
    private static int Cut(string path)
    {
        if (path.Length <= NameBytes)
        {
            return -1;
        }

        var cut = path.IndexOf('/', path.Length - NameBytes - 1);
        return cut is > 0 and <= PrefixBytes ? cut : -1;
    }

    private static byte[] Header(string name, string prefix, long size, bool isExecutable)
    {
        var header = new byte[BlockBytes];
        Put(header, 0, NameBytes, name);
        Put(header, 100, 8, isExecutable ? "0000755" : "0000644");
        Put(header, 108, 8, "0000000");
        Put(header, 116, 8, "0000000");
        Put(header, 124, 12, Convert.ToString(size, 8).PadLeft(11, '0'));
        Put(header, 136, 12, "00000000000");
        header.AsSpan(148, 8).Fill((byte)' ');
        header[156] = (byte)'0';
        Put(header, 257, 6, "ustar");
        Put(header, 263, 2, "00");
        Put(header, 345, PrefixBytes, prefix);
        var sum = 0;
        foreach (var b in header)
        {
            sum += b;
        }

        Put(header, 148, 8, Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ");
        return header;
    }

    private static bool TryReadSize(ReadOnlySpan<byte> header, out long size)
    {
        size = 0;
        foreach (var digit in header.Slice(124, 11))
        {
            if (digit is < (byte)'0' or > (byte)'7')
            {
                return false;
            }

            size = (size * 8) + (digit - '0');
        }

        return true;
    }

    private static string Text(ReadOnlySpan<byte> field)
    {
        var end = field.IndexOf((byte)0);
        return Encoding.ASCII.GetString(end < 0 ? field : field[..end]);
    }

    /// <summary>Relative, no empty, <c>.</c> or <c>..</c> parts, plain characters.</summary>
    private static bool IsName(string name) =>
        name.Length is > 0 and <= NameBytes
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '/')
        && name.Split('/').All(part => part.Length > 0 && part[0] != '.');

    private static void Put(byte[] header, int at, int length, string text)
    {
        if (text.Length > length)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"'{text}' does not fit into {length} bytes of a tar header"));
        }

        Encoding.ASCII.GetBytes(text, header.AsSpan(at));
    }
}
