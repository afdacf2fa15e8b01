using System.Text;
using System.Text.RegularExpressions;

namespace StellaOps.Telemetry.Redaction.Scanning;

/// <summary>One value rule, ready to look for its matches.</summary>
internal sealed class CompiledValueRule
{
    private readonly ValueClass _class;
    private readonly Regex? _pattern;

    public CompiledValueRule(int index, ValueRule rule, Regex? pattern)
    {
        Index = index;
        Action = rule.Action;
        Mask = Encoding.UTF8.GetBytes("[" + rule.Rule + "]");
        _class = rule.Class;
        _pattern = pattern;
        (Required, AnyOf) = rule.Class switch
        {
            ValueClass.Email => (0UL, ByteFlags.At | ByteFlags.Percent),
            ValueClass.Ipv4 => (ByteFlags.Dot | ByteFlags.Digit, ulong.MaxValue),
            ValueClass.Ipv6 => (ByteFlags.Colon, ulong.MaxValue),
            ValueClass.Card or ValueClass.NationalId or ValueClass.Iban => (ByteFlags.Digit, ulong.MaxValue),
            _ => (0UL, ulong.MaxValue),
        };
        MinLength = rule.Class switch
        {
            ValueClass.Email => 4,
            ValueClass.Ipv4 => 7,
            ValueClass.Ipv6 => 3,
            ValueClass.Card => CardNumbers.MinDigits,
            ValueClass.NationalId => 9,
            ValueClass.Iban => 15,
            ValueClass.Token => 12,
            _ => 0,
        };
    }

    public int Index { get; }

    public RedactionAction Action { get; }

    public byte[] Mask { get; }

    public ulong Required { get; }

    public ulong AnyOf { get; }

    public int MinLength { get; }

    public bool MayMatch(ReadOnlySpan<byte> text, ulong flags) =>
        text.Length >= MinLength && (flags & Required) == Required && (AnyOf == ulong.MaxValue || (flags & AnyOf) != 0);

    /// <summary>Finds the next match that begins at <paramref name="from"/> or later.</summary>
    public bool TryFind(ReadOnlySpan<byte> text, ulong flags, int from, out int start, out int end)
    {
        var found = _class switch
        {
            ValueClass.Token => TokenScanner.TryFind(text, flags, from, out start, out end),
            ValueClass.Email => EmailScanner.TryFind(text, from, out start, out end),
            ValueClass.Ipv6 => Ipv6Scanner.TryFind(text, from, out start, out end),
            ValueClass.Ipv4 => Ipv4Scanner.TryFind(text, from, out start, out end),
            ValueClass.Iban => IbanScanner.TryFind(text, from, out start, out end),
            ValueClass.Card => CardScanner.TryFind(text, from, out start, out end),
            ValueClass.NationalId => NationalIdScanner.TryFind(text, from, out start, out end),
            _ => PatternScanner.TryFind(_pattern!, text, from, out start, out end),
        };
        if (found && start < from)
        {
            // A scanner looks backwards from its trigger and may reach into the match before.
            start = from;
        }

        return found;
    }
}
