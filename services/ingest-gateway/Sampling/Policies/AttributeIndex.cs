using System.Text;
using StellaOps.Telemetry.Otlp.Fields;
using StellaOps.Telemetry.Otlp.Wire;

namespace StellaOps.Telemetry.IngestGateway.Sampling.Policies;

/// <summary>
/// Finds the conditions on an attribute's key. Hot where a policy asks for attributes, and never called where none does: an attribute that no
/// policy asks for costs a look at its key's length and last byte.
/// </summary>
internal sealed class AttributeIndex
{
    /// <summary>Field 1, length-delimited: a key's first byte on the wire.</summary>
    private const byte KeyTag = (CommonFields.KeyValue.Key << 3) | 2;

    private readonly ulong[] _filter = new ulong[32];
    private readonly BytesTable _keys;
    private readonly (TextConditions Texts, Condition[] Others)[] _conditions;

    public AttributeIndex(IReadOnlyList<Condition> conditions)
    {
        var byKey = conditions.GroupBy(c => c.Key, StringComparer.Ordinal).Select(g => (Key: Encoding.UTF8.GetBytes(g.Key), Conditions: g)).ToList();
        _keys = new BytesTable([.. byKey.Select(k => k.Key)]);
        _conditions = [.. byKey.Select(k => (new TextConditions(k.Conditions.OfType<TextCondition>()), k.Conditions.Where(c => c is not TextCondition).ToArray()))];
        foreach (var (key, _) in byKey)
        {
            _filter[key.Length & 31] |= 1ul << (key[^1] & 63);
        }
    }

    public bool IsEmpty => _keys.Count == 0;

    /// <summary>Words of the bit set in which a walk remembers the keys it met.</summary>
    public int SeenWords => (_keys.Count + 63) >> 6;

    /// <summary>Judges one KeyValue. The first of a repeated key counts.</summary>
    public void Match(ReadOnlySpan<byte> keyValue, Span<ulong> bits, Span<ulong> seen)
    {
        // Nearly all come here and go no further: a key that stands first, is short, and that nobody asks for.
        if (keyValue.Length > 1 && keyValue[0] == KeyTag && keyValue[1] < 0x80 && keyValue[1] <= keyValue.Length - 2
            && !TryFind(keyValue.Slice(2, keyValue[1]), out _))
        {
            return;
        }

        ReadOnlySpan<byte> any = default;
        var index = -1;
        var reader = new WireReader(keyValue);
        while (reader.TryReadField())
        {
            if (reader.FieldNumber == CommonFields.KeyValue.Key)
            {
                if (!TryFind(reader.Content, out index))
                {
                    return;
                }
            }
            else if (reader.FieldNumber == CommonFields.KeyValue.Value)
            {
                any = reader.Content;
            }
        }

        if (index < 0 || (seen[index >> 6] & (1ul << index)) != 0)
        {
            return;
        }

        seen[index >> 6] |= 1ul << index;
        var text = TextOf(any);
        _conditions[index].Texts.Match(text, bits);
        foreach (var condition in _conditions[index].Others)
        {
            if (condition.Matches(text, any))
            {
                bits[condition.Bit >> 6] |= 1ul << condition.Bit;
            }
        }
    }

    private static ReadOnlySpan<byte> TextOf(ReadOnlySpan<byte> any)
    {
        ReadOnlySpan<byte> text = default;
        var reader = new WireReader(any);
        while (reader.TryReadField())
        {
            text = reader.FieldNumber == CommonFields.AnyValue.StringValue ? reader.Content : default;
        }

        return text;
    }

    private bool TryFind(ReadOnlySpan<byte> key, out int index)
    {
        index = -1;
        if (key.IsEmpty || (_filter[key.Length & 31] & (1ul << (key[^1] & 63))) == 0)
        {
            return false;
        }

        index = _keys.Find(key);
        return index >= 0;
    }
}
