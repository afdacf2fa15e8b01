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
        Class = (ValueClasses)(1 << (int)rule.Class);
    }

    public int Index { get; }

    public RedactionAction Action { get; }

    public byte[] Mask { get; }

    /// <summary>The class as a set of one.</summary>
    public ValueClasses Class { get; }

    /// <summary>Finds the next match that begins at <paramref name="from"/> or later.</summary>
    /// <param name="pattern">What goes with one text, from its first search, at 0, to its last.</param>
    public bool TryFind(ReadOnlySpan<byte> text, int from, PatternText pattern, out int start, out int end)
    {
        var found = _class switch
        {
            ValueClass.Token => TokenScanner.TryFind(text, from, out start, out end),
            ValueClass.Email => EmailScanner.TryFind(text, from, out start, out end),
            ValueClass.Ipv6 => Ipv6Scanner.TryFind(text, from, out start, out end),
            ValueClass.Ipv4 => Ipv4Scanner.TryFind(text, from, out start, out end),
            ValueClass.Iban => IbanScanner.TryFind(text, from, out start, out end),
            ValueClass.Card => CardScanner.TryFind(text, from, out start, out end),
            ValueClass.NationalId => NationalIdScanner.TryFind(text, from, out start, out end),
            _ => pattern.TryFind(_pattern!, text, from, out start, out end),
        };
        if (found && start < from)
        {
            // A scanner looks backwards from its trigger and may reach into the match before.
            start = from;
        }

        return found;
    }
}
