using System.Globalization;
using System.Text;

namespace StellaOps.Telemetry.Evidence.Bundles;

/// <summary>
/// The one form of ustar (POSIX.1-1988) that bundles have: regular files, mode 0644, owner and time zero, names of at most 100 characters,
/// two zero blocks at the end and nothing after them. The same entries give the same bytes, and a header is read by writing it again.
/// </summary>
internal static class Ustar
{
    public const int BlockBytes = 512;

    public static byte[] EndOfArchive { get; } = new byte[2 * BlockBytes];

    /// <summary>What an entry takes: header, content, padding.</summary>
    public static long EntryBytes(long size) => BlockBytes + size + Padding(size);

    /// <summary>Zeros after content of this size.</summary>
    public static int Padding(long size) => (int)((BlockBytes - (size % BlockBytes)) % BlockBytes);

    public static byte[] Header(string name, long size)
    {
        var header = new byte[BlockBytes];
        Put(header, 0, 100, name);
        Put(header, 100, 8, "0000644");
        Put(header, 108, 8, "0000000");
        Put(header, 116, 8, "0000000");
        Put(header, 124, 12, Convert.ToString(size, 8).PadLeft(11, '0'));
        Put(header, 136, 12, "00000000000");
        header.AsSpan(148, 8).Fill((byte)' ');
        header[156] = (byte)'0';
        Put(header, 257, 6, "ustar");
        Put(header, 263, 2, "00");
        var sum = 0;
        foreach (var b in header)
        {
            sum += b;
        }

        Put(header, 148, 8, Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ");
        return header;
    }

    /// <summary>Reads a header; false on any that <see cref="Header"/> does not write: links, folders, other modes, odd numbers.</summary>
    public static bool TryReadHeader(ReadOnlySpan<byte> header, out string name, out long size)
    {
        size = 0;
        var end = header[..100].IndexOf((byte)0);
        name = Encoding.ASCII.GetString(header[..(end < 0 ? 100 : end)]);
        foreach (var digit in header.Slice(124, 11))
        {
            if (digit is < (byte)'0' or > (byte)'7')
            {
                return false;
            }

            size = (size * 8) + (digit - '0');
        }

        return IsName(name) && header.SequenceEqual(Header(name, size));
    }

    /// <summary>Relative, no empty, <c>.</c> or <c>..</c> parts, plain characters.</summary>
    private static bool IsName(string name) =>
        name.Length is > 0 and <= 100
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
