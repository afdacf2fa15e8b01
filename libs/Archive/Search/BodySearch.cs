using System.Buffers.Text;
using StellaOps.Telemetry.Otlp.Fields;
using StellaOps.Telemetry.Otlp.Wire;

namespace StellaOps.Telemetry.Archive.Search;

/// <summary>Looks for a text in an AnyValue of any shape.</summary>
internal static class BodySearch
{
    // What is let in nests less deep (OtlpLimits); the stack must not depend on that.
    private const int MaxDepth = 100;

    public static bool Holds(ReadOnlySpan<byte> any, TextNeedle needle) => Holds(any, needle, MaxDepth);

    private static bool Holds(ReadOnlySpan<byte> any, TextNeedle needle, int depth)
    {
        if (depth == 0 || (!needle.MayBeNumber && !needle.IsIn(any)))
        {
            return false;
        }

        var reader = new WireReader(any);
        while (reader.TryReadField())
        {
            var holds = (reader.FieldNumber, reader.WireType) switch
            {
                (CommonFields.AnyValue.StringValue or CommonFields.AnyValue.BytesValue, WireType.LengthDelimited) => needle.IsIn(reader.Content),
                (CommonFields.AnyValue.ArrayValue, WireType.LengthDelimited) => InList(reader.Content, needle, depth, ofPairs: false),
                (CommonFields.AnyValue.KvlistValue, WireType.LengthDelimited) => InList(reader.Content, needle, depth, ofPairs: true),
                (CommonFields.AnyValue.BoolValue, WireType.Varint) => needle.IsIn(reader.Value != 0 ? "true"u8 : "false"u8),
                (CommonFields.AnyValue.IntValue, WireType.Varint) => InInteger((long)reader.Value, needle),
                (CommonFields.AnyValue.DoubleValue, WireType.Fixed64) => InNumber(BitConverter.UInt64BitsToDouble(reader.Value), needle),
                _ => false,
            };
            if (holds)
            {
                return true;
            }
        }

        return false;
    }

    private static bool InList(ReadOnlySpan<byte> list, TextNeedle needle, int depth, bool ofPairs)
    {
        var reader = new WireReader(list);
        while (reader.TryReadField())
        {
            if (reader.FieldNumber == CommonFields.List.Values && reader.WireType == WireType.LengthDelimited
                && (ofPairs ? InPair(reader.Content, needle, depth) : Holds(reader.Content, needle, depth - 1)))
            {
                return true;
            }
        }

        return false;
    }

    private static bool InPair(ReadOnlySpan<byte> pair, TextNeedle needle, int depth)
    {
        var reader = new WireReader(pair);
        while (reader.TryReadField())
        {
            if (reader.WireType == WireType.LengthDelimited
                && (reader.FieldNumber == CommonFields.KeyValue.Key ? needle.IsIn(reader.Content)
                    : reader.FieldNumber == CommonFields.KeyValue.Value && Holds(reader.Content, needle, depth - 1)))
            {
                return true;
            }
        }

        return false;
    }

    private static bool InInteger(long value, TextNeedle needle)
    {
        Span<byte> text = stackalloc byte[20];
        return Utf8Formatter.TryFormat(value, text, out var length) && needle.IsIn(text[..length]);
    }

    private static bool InNumber(double value, TextNeedle needle)
    {
        if (!double.IsFinite(value))
        {
            return needle.IsIn(double.IsNaN(value) ? "NaN"u8 : value > 0 ? "Infinity"u8 : "-Infinity"u8);
        }

        // The shortest form that reads back as the same, as in JSON: at most 24 characters.
        Span<byte> text = stackalloc byte[32];
        return value.TryFormat(text, out var length, provider: System.Globalization.CultureInfo.InvariantCulture) && needle.IsIn(text[..length]);
    }
}
