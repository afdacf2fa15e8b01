using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace StellaOps.Telemetry.Redaction.Scanning;

/// <summary>
/// Finds where one of the known beginnings of credentials may stand, all at once: for each of their first four bytes a table by half bytes
/// says which of eight groups of beginnings it may belong to (the method known as Teddy). A group's members may be mixed up: false places
/// are possible, missed ones are not.
/// </summary>
internal static class TokenPrefixes
{
    /// <summary>How many bytes are compared; a shorter beginning takes any byte from there on.</summary>
    public const int Length = 4;

    private const uint EyJ = 'e' | ('y' << 8) | ('J' << 16);
    private const uint Sg = 'S' | ('G' << 8) | ('.' << 16);
    private const uint Hf = 'h' | ('f' << 8) | ('_' << 16);

    // Slots of a table in which no two of them meet.
    private const int WordBits = 10;
    private const uint Multiplier = 0x9F767C45;

    // Which stand together: few different half bytes at each position make few false places.
    private static readonly string[][] s_groups =
    [
        ["basi", "Basi", "BASI"],
        ["bear", "Bear", "BEAR"],
        ["eyJ", "SG."],
        ["----", "ya29"],
        ["AKIA", "ASIA", "AIza", "AGE-"],
        ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "gith", "glpa"],
        ["xoxb", "xoxp", "xoxa", "xoxr", "xoxs", "dop_", "hf_"],
        ["sk_l", "sk_t", "rk_l", "pk_l", "sk-a", "sk-p", "npm_", "pypi", "shpa", "stik", "hvs."],
    ];

    private static readonly uint[] s_words = Words();
    private static readonly Vector512<byte>[] s_low = Tables(b => b & 15);
    private static readonly Vector512<byte>[] s_high = Tables(b => b >> 4);

    /// <summary>One bit for each of the first 64 bytes at which a credential may begin; the window has <see cref="Length"/> more.</summary>
    public static ulong Find(ReadOnlySpan<byte> window)
    {
        var groups = Position(window, 0) & Position(window, 1) & Position(window, 2) & Position(window, 3);
        var places = ~Vector512.Equals(groups, Vector512<byte>.Zero).ExtractMostSignificantBits();
        return places == 0 ? 0 : Confirm(window, places);
    }

    /// <summary>Takes away the false places.</summary>
    private static ulong Confirm(ReadOnlySpan<byte> window, ulong places)
    {
        var confirmed = 0UL;
        for (var left = places; left != 0; left &= left - 1)
        {
            var four = BinaryPrimitives.ReadUInt32LittleEndian(window[BitOperations.TrailingZeroCount(left)..]);
            if (s_words[WordSlot(four)] == four || (four & 0xFFFFFF) is EyJ or Sg or Hf)
            {
                confirmed |= left & (0 - left);
            }
        }

        return confirmed;
    }

    private static int WordSlot(uint four) => (int)((four * Multiplier) >> (32 - WordBits));

    private static uint[] Words()
    {
        var words = new uint[1 << WordBits];
        foreach (var text in s_groups.SelectMany(g => g).Where(t => t.Length == Length))
        {
            var four = BinaryPrimitives.ReadUInt32LittleEndian(System.Text.Encoding.ASCII.GetBytes(text));
            if (words[WordSlot(four)] != 0)
            {
                throw new InvalidOperationException($"the multiplier puts two beginnings of credentials in one slot, '{text}' is one; find another");
            }

            words[WordSlot(four)] = four;
        }

        return words;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Position(ReadOnlySpan<byte> window, int position)
    {
        var nibble = Vector512.Create((byte)15);
        var bytes = Vector512.Create(window[position..]);
        return LookUp(s_low[position], bytes & nibble) & LookUp(s_high[position], (bytes.AsUInt16() >>> 4).AsByte() & nibble);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> LookUp(Vector512<byte> table, Vector512<byte> indexes)
    {
        if (Avx512BW.IsSupported)
        {
            return Avx512BW.Shuffle(table, indexes);
        }

        if (Avx2.IsSupported)
        {
            return Vector512.Create(Avx2.Shuffle(table.GetLower(), indexes.GetLower()), Avx2.Shuffle(table.GetUpper(), indexes.GetUpper()));
        }

        var sixteen = table.GetLower().GetLower();
        var lower = Vector256.Create(Vector128.Shuffle(sixteen, indexes.GetLower().GetLower()), Vector128.Shuffle(sixteen, indexes.GetLower().GetUpper()));
        var upper = Vector256.Create(Vector128.Shuffle(sixteen, indexes.GetUpper().GetLower()), Vector128.Shuffle(sixteen, indexes.GetUpper().GetUpper()));
        return Vector512.Create(lower, upper);
    }

    private static Vector512<byte>[] Tables(Func<int, int> half)
    {
        var tables = new Vector512<byte>[Length];
        for (var position = 0; position < Length; position++)
        {
            var table = new byte[16];
            for (var group = 0; group < s_groups.Length; group++)
            {
                foreach (var text in s_groups[group])
                {
                    for (var i = 0; i < table.Length; i++)
                    {
                        table[i] |= position >= text.Length || half(text[position]) == i ? (byte)(1 << group) : (byte)0;
                    }
                }
            }

            var sixteen = Vector128.Create(table);
            tables[position] = Vector512.Create(Vector256.Create(sixteen, sixteen), Vector256.Create(sixteen, sixteen));
        }

        return tables;
    }
}
