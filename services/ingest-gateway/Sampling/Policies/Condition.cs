using System.Buffers;
using System.IO.Hashing;
using System.Text;
using System.Text.RegularExpressions;
using StellaOps.Telemetry.Otlp.Fields;
using StellaOps.Telemetry.Otlp.Wire;

namespace StellaOps.Telemetry.IngestGateway.Sampling.Policies;

/// <summary>What a value must be for a policy to match.</summary>
/// <param name="description">The same for conditions that match the same.</param>
internal abstract class Condition(string key, string description)
{
    public string Key { get; } = key;

    public string Description { get; } = description;

    /// <summary>Where the outcome stands in <see cref="TraceFacts.Matches"/>.</summary>
    public int Bit { get; set; }

    /// <param name="value">The text; only of a string, and of an entry of the trace state.</param>
    /// <param name="any">An AnyValue's content; empty for an entry of the trace state.</param>
    public abstract bool Matches(ReadOnlySpan<byte> value, ReadOnlySpan<byte> any);

    /// <summary>The member of the oneof that counts: the last.</summary>
    protected static bool TryRead(ReadOnlySpan<byte> any, out int field, out ulong value)
    {
        (field, value) = (0, 0);
        var reader = new WireReader(any);
        while (reader.TryReadField())
        {
            (field, value) = (reader.FieldNumber, reader.Value);
        }

        return !reader.IsMalformed && field != 0;
    }
}

/// <summary>An integer, or a double, in the range.</summary>
internal sealed class NumericCondition(string key, long? min, long? max) : Condition(key, $"numeric {min}..{max} {key}")
{
    public override bool Matches(ReadOnlySpan<byte> value, ReadOnlySpan<byte> any)
    {
        if (!TryRead(any, out var field, out var bits))
        {
            return false;
        }

        switch (field)
        {
            case CommonFields.AnyValue.IntValue:
                return (min is null || (long)bits >= min) && (max is null || (long)bits <= max);
            case CommonFields.AnyValue.DoubleValue:
                var number = BitConverter.UInt64BitsToDouble(bits);
                return (min is null || number >= min) && (max is null || number <= max) && !double.IsNaN(number);
            default:
                return false;
        }
    }
}

/// <summary>A boolean of this value.</summary>
internal sealed class BooleanCondition(string key, bool expected) : Condition(key, $"boolean {expected} {key}")
{
    public override bool Matches(ReadOnlySpan<byte> value, ReadOnlySpan<byte> any) =>
        TryRead(any, out var field, out var bits) && field == CommonFields.AnyValue.BoolValue && bits != 0 == expected;
}

/// <summary>One of these texts; the empty one never.</summary>
internal sealed class TextCondition(string key, IReadOnlyList<string> values) : Condition(key, $"text {string.Join('\u0001', values)} {key}")
{
    public IReadOnlyList<byte[]> Values { get; } = [.. values.Where(v => v.Length > 0).Select(Encoding.UTF8.GetBytes)];

    public override bool Matches(ReadOnlySpan<byte> value, ReadOnlySpan<byte> any)
    {
        foreach (var expected in Values)
        {
            if (value.SequenceEqual(expected))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>
/// A text in which one of the patterns is found; matching takes time linear in the text. The last outcomes are remembered by the text's hash:
/// the same few values come again and again.
/// </summary>
internal sealed class PatternCondition : Condition
{
    private readonly Regex[] _patterns;
    private readonly ulong[] _hashes;
    private readonly bool[] _outcomes;
    private readonly long _seed = Random.Shared.NextInt64();

    public PatternCondition(string key, IReadOnlyList<string> patterns, int cacheMaxSize)
        : base(key, $"pattern {string.Join('\u0001', patterns)} {key}")
    {
        _patterns = [.. patterns.Select(p => new Regex(p, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant))];
        _hashes = new ulong[cacheMaxSize];
        _outcomes = new bool[cacheMaxSize];
    }

    public override bool Matches(ReadOnlySpan<byte> value, ReadOnlySpan<byte> any)
    {
        if (value.IsEmpty)
        {
            return false;
        }

        var hash = XxHash3.HashToUInt64(value, _seed) | 1;
        var at = (int)((hash >> 1) % (ulong)_hashes.Length);
        if (_hashes[at] != hash)
        {
            (_hashes[at], _outcomes[at]) = (hash, Search(value));
        }

        return _outcomes[at];
    }

    private bool Search(ReadOnlySpan<byte> value)
    {
        var chars = ArrayPool<char>.Shared.Rent(Encoding.UTF8.GetMaxCharCount(value.Length));
        try
        {
            var text = chars.AsSpan(0, Encoding.UTF8.GetChars(value, chars));
            foreach (var pattern in _patterns)
            {
                if (pattern.IsMatch(text))
                {
                    return true;
                }
            }

            return false;
        }
        finally
        {
            ArrayPool<char>.Shared.Return(chars);
        }
    }
}
