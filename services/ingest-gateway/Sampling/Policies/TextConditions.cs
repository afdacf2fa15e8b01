namespace StellaOps.Telemetry.IngestGateway.Sampling.Policies;

/// <summary>The text conditions on one key, by value: what a text costs does not depend on how many policies wait for another one.</summary>
internal sealed class TextConditions
{
    private readonly BytesTable _values;
    private readonly int[][] _bits;

    public TextConditions(IEnumerable<TextCondition> conditions)
    {
        var byValue = conditions
            .SelectMany(c => c.Values.Select(v => (Value: v, c.Bit)))
            .GroupBy(p => Convert.ToHexString(p.Value), StringComparer.Ordinal)
            .ToList();
        _values = new BytesTable([.. byValue.Select(g => g.First().Value)]);
        _bits = [.. byValue.Select(g => g.Select(p => p.Bit).ToArray())];
    }

    public void Match(ReadOnlySpan<byte> text, Span<ulong> bits)
    {
        if (_values.Count == 0 || text.IsEmpty || _values.Find(text) is not (>= 0 and var value))
        {
            return;
        }

        foreach (var bit in _bits[value])
        {
            bits[bit >> 6] |= 1ul << bit;
        }
    }
}
