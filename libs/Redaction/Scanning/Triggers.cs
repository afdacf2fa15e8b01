using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StellaOps.Telemetry.Redaction.Scanning;

/// <summary>
/// Looks at 64 bytes at a time for what a match of a class cannot do without, and says where one may begin. Nearly every text of telemetry
/// has no such place, and then no scanner runs over it. A place stands within the match and depends on bytes of the match alone, so that
/// whole requests can be looked at without regard to where their texts begin; false places cost time, never a match.
/// </summary>
internal static class Triggers
{
    /// <summary>Places are told for so many bytes; the rest of the 64 is what the last of them may need to see: a card takes twelve.</summary>
    public const int Step = 52;

    private const int Window = 64;
    private const int Padded = 128;
    private const ulong StepMask = (1UL << Step) - 1;

    /// <summary>The classes that may match in this text.</summary>
    public static ValueClasses In(ReadOnlySpan<byte> text)
    {
        var found = ValueClasses.None;
        for (var at = 0; at < text.Length; at += Step)
        {
            var left = text.Length - at;
            var places = Read(text, at);
            var mask = left < Step ? (1UL << left) - 1 : StepMask;
            found |= ((places.Email & mask) != 0 ? ValueClasses.Email : 0)
                | ((places.Ipv6 & mask) != 0 ? ValueClasses.Ipv6 : 0)
                | ((places.Ipv4 & mask) != 0 ? ValueClasses.Ipv4 : 0)
                | ((places.Card & mask) != 0 ? ValueClasses.Card : 0)
                | ((places.Iban & mask) != 0 ? ValueClasses.Iban : 0)
                | ((places.NationalId & mask) != 0 ? ValueClasses.NationalId : 0)
                | ((places.Token & mask) != 0 ? ValueClasses.Token : 0);
        }

        return found;
    }

    /// <summary>One bit for each of the <see cref="Step"/> bytes from <paramref name="at"/> on at which a match of any of the classes may begin.</summary>
    public static ulong At(ReadOnlySpan<byte> data, int at, ValueClasses classes)
    {
        var places = Read(data, at);
        var all = places.Email | places.Ipv6 | places.Ipv4 | places.Card | places.Iban | places.NationalId | places.Token;
        if ((all & StepMask) == 0 || classes == ValueClasses.BuiltIn)
        {
            return all & StepMask;
        }

        // A policy without some of the classes: those do not count.
        return StepMask & (((classes & ValueClasses.Email) != 0 ? places.Email : 0)
            | ((classes & ValueClasses.Ipv6) != 0 ? places.Ipv6 : 0)
            | ((classes & ValueClasses.Ipv4) != 0 ? places.Ipv4 : 0)
            | ((classes & ValueClasses.Card) != 0 ? places.Card : 0)
            | ((classes & ValueClasses.Iban) != 0 ? places.Iban : 0)
            | ((classes & ValueClasses.NationalId) != 0 ? places.NationalId : 0)
            | ((classes & ValueClasses.Token) != 0 ? places.Token : 0));
    }

    /// <summary>The first place at or after <paramref name="from"/> where a credential may begin; negative when there is none.</summary>
    public static int NextToken(ReadOnlySpan<byte> text, int from)
    {
        for (var at = from; at < text.Length; at += Step)
        {
            var places = Tokens(text, at) & StepMask;
            if (places != 0)
            {
                var place = at + System.Numerics.BitOperations.TrailingZeroCount(places);
                return place < text.Length ? place : -1;
            }
        }

        return -1;
    }

    private static ulong Tokens(ReadOnlySpan<byte> text, int at)
    {
        if (text.Length - at >= Window + TokenPrefixes.Length)
        {
            return TokenPrefixes.Find(text[at..]);
        }

        Span<byte> padded = stackalloc byte[Padded];
        Pad(text, at, padded);
        return TokenPrefixes.Find(padded);
    }

    private static Places Read(ReadOnlySpan<byte> data, int at)
    {
        if (data.Length - at >= Window + TokenPrefixes.Length)
        {
            return Judge(data[at..]);
        }

        return ReadEnd(data, at);
    }

    // Apart, so that the usual case pays for no buffer.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Places ReadEnd(ReadOnlySpan<byte> data, int at)
    {
        Span<byte> padded = stackalloc byte[Padded];
        Pad(data, at, padded);
        return Judge(padded);
    }

    private static void Pad(ReadOnlySpan<byte> data, int at, Span<byte> padded)
    {
        padded.Clear();
        data[at..Math.Min(data.Length, at + Window + TokenPrefixes.Length)].CopyTo(padded);
    }

    // Bit i of a mask is byte i; m >> n therefore is "n bytes further on".
    private static Places Judge(ReadOnlySpan<byte> window)
    {
        var bytes = Vector512.Create(window);
        var digit = Vector512.LessThanOrEqual(bytes - Vector512.Create((byte)'0'), Vector512.Create((byte)9)).ExtractMostSignificantBits();
        var upper = Vector512.LessThanOrEqual(bytes - Vector512.Create((byte)'A'), Vector512.Create((byte)25)).ExtractMostSignificantBits();
        var dot = Mask(bytes, '.');
        var colon = Mask(bytes, ':');
        var blank = Mask(bytes, ' ');
        var dash = Mask(bytes, '-');
        var percent = Mask(bytes, '%');
        var digits2 = digit & (digit >> 1);
        var digits3 = digits2 & (digit >> 2);
        var digits4 = digits2 & (digits2 >> 2);

        // Four octets: three dots between digits, two to four bytes apart.
        var dotted = digit & (dot >> 1) & (digit >> 2);
        var ipv4 = dotted & Octet(dotted & Octet(dotted));

        // Six colons at least stand one to four digits apart where no "::" makes it shorter; three tell a clock time from that.
        var ipv6 = (colon & (colon >> 1)) | (colon & Group(colon & Group(colon)));

        // Two letters, two digits; in a national insurance number perhaps a blank between.
        var letters2 = upper & (upper >> 1);
        var iban = letters2 & (digits2 >> 2);
        var gap = blank | dash;
        var nationalId = iban | (letters2 & (blank >> 2) & (digits2 >> 3)) | (digits3 & (gap >> 3) & (digits2 >> 4) & (gap >> 6) & (digits4 >> 7));

        // Thirteen digits, parted or not; only the last group may have less than three of them, which leaves eleven and what parts them from it.
        var parting = gap | percent | Mask(bytes, '+') | Mask(bytes, '_') | Mask(bytes, 0xC2) | Mask(bytes, 0xA0);
        var one = parting & (digit >> 1) & (parting >> 2);
        var two = parting & (digits2 >> 1) & (parting >> 3);
        var run = (digit | parting) & ~((one << 1) | (two << 1) | (two << 2));
        run &= run >> 1;
        run &= run >> 2;
        var card = digits3 & run & (run >> 4) & (run >> 8);

        var email = Mask(bytes, '@');
        if (percent != 0)
        {
            email |= percent & ((Mask(bytes, '4') >> 1 & Mask(bytes, '0') >> 2) | (Mask(bytes, '2') >> 1 & Mask(bytes, '5') >> 2));
        }

        return new Places(email, ipv6, ipv4, card, iban, nationalId, TokenPrefixes.Find(window));
    }

    private static ulong Octet(ulong m) => (m >> 2) | (m >> 3) | (m >> 4);

    private static ulong Group(ulong m) => (m >> 2) | (m >> 3) | (m >> 4) | (m >> 5);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mask(Vector512<byte> bytes, int value) => Vector512.Equals(bytes, Vector512.Create((byte)value)).ExtractMostSignificantBits();

    private readonly record struct Places(ulong Email, ulong Ipv6, ulong Ipv4, ulong Card, ulong Iban, ulong NationalId, ulong Token);
}
