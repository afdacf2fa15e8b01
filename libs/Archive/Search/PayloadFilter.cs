namespace StellaOps.Telemetry.Archive.Search;

/// <summary>
/// Bytes that stand in every payload with a record that is asked for, wherever that is. Most payloads are done with after this look, which goes
/// over them several times as fast as they are decompressed; it may let one pass that has none, and never holds back one that has.
/// </summary>
internal sealed class PayloadFilter
{
    // The ones that are rarest are asked for first.
    private readonly byte[][] _needles;
    private readonly TextNeedle? _text;

    public PayloadFilter(byte[]? traceId, AttributeCondition[] attributes, TextNeedle? text, byte[][] services)
    {
        var needles = new List<byte[]>();
        if (traceId is not null)
        {
            needles.Add(traceId);
        }

        needles.AddRange(attributes.OrderBy(a => a.IsText ? 0 : 1).ThenByDescending(a => a.Needle.Length).Select(a => a.Needle).Where(n => n.Length > 0));
        if (services is [{ Length: > 0 } only])
        {
            needles.Add(only);
        }

        _needles = [.. needles];
        _text = text is { MayBeNumber: false } ? text : null;
    }

    public bool MayHold(ReadOnlySpan<byte> payload)
    {
        foreach (var needle in _needles)
        {
            if (payload.IndexOf(needle) < 0)
            {
                return false;
            }
        }

        return _text is null || _text.IsIn(payload);
    }
}
