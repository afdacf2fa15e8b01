using System.Text;
using System.Text.Unicode;
using StellaOps.Telemetry.Otlp.Fields;
using StellaOps.Telemetry.Otlp.Schema;
using StellaOps.Telemetry.Otlp.Wire;

namespace StellaOps.Telemetry.Otlp;

/// <summary>The validator's one walk over a request: some ten nanoseconds an attribute, so nine attributes in ten take <see cref="EndOfPlainAttribute"/>.</summary>
internal ref struct RequestWalk(OtlpLimits limits)
{
    private const byte KeyTag = (CommonFields.KeyValue.Key << 3) | (byte)WireType.LengthDelimited;
    private const byte ValueTag = (CommonFields.KeyValue.Value << 3) | (byte)WireType.LengthDelimited;
    private const byte StringTag = (CommonFields.AnyValue.StringValue << 3) | (byte)WireType.LengthDelimited;
    private const byte BoolTag = (CommonFields.AnyValue.BoolValue << 3) | (byte)WireType.Varint;
    private const byte DoubleTag = (CommonFields.AnyValue.DoubleValue << 3) | (byte)WireType.Fixed64;
    private const byte IntTag = (CommonFields.AnyValue.IntValue << 3) | (byte)WireType.Varint;

    /// <summary>An attribute's message and its value's.</summary>
    private const int AttributeDepth = 2;

    private readonly int _maxDepth = limits.MaxDepth;
    private readonly int _maxValueDepth = limits.MaxValueDepth;
    private readonly int _maxRecords = limits.MaxRecords;

    /// <summary>Records seen until the outcome was known.</summary>
    public int Records { get; private set; }

    public OtlpOutcome Check(OtlpMessage message, ReadOnlySpan<byte> content, int depth, int valueDepth)
    {
        if (message is OtlpMessage.ArrayValue or OtlpMessage.KeyValueList)
        {
            valueDepth++;
        }

        if (depth > _maxDepth || valueDepth > _maxValueDepth)
        {
            return OtlpOutcome.TooDeep;
        }

        var singular = IsContainer(message);
        var attributeTag = depth + AttributeDepth <= _maxDepth ? OtlpRule.AttributeTagOf(message) : OtlpRule.NoTag;
        uint seen = 0;
        var pointsEnded = -1;
        var at = 0;
        while (at < content.Length)
        {
            // Nearly all of a request is attributes, so they are looked at before anything else is.
            var fieldStart = at;
            if (content[at] == attributeTag)
            {
                var end = EndOfPlainAttribute(content, at);
                if (end > 0)
                {
                    at = end;
                    continue;
                }
            }

            if (!Varint.TryRead(content, ref at, out var tag) || tag is < 8 or > uint.MaxValue)
            {
                return OtlpOutcome.Malformed;
            }

            // 1. The bytes of the field.
            var length = 0;
            var wireType = (WireType)(tag & 7);
            var contentStart = at;
            if (wireType == WireType.LengthDelimited)
            {
                if (!Varint.TryReadLength(content, ref at, out length))
                {
                    return OtlpOutcome.Malformed;
                }

                contentStart = at;
                at += length;
            }
            else if (!TrySkipNumber(wireType, content, ref at))
            {
                return OtlpOutcome.Malformed;
            }

            // 2. Whether it may be there.
            var rule = OtlpRule.Of(message, (uint)tag >> 3);
            if (!rule.IsKnown)
            {
                continue;
            }

            if (singular && !rule.IsRepeated)
            {
                var bit = message == OtlpMessage.Metric && rule.Message != OtlpMessage.None ? 1u : 1u << (int)(tag >> 3);
                if ((seen & bit) != 0)
                {
                    return OtlpOutcome.Malformed;
                }

                seen |= bit;
            }

            var field = content.Slice(contentStart, length);
            if (rule.Message == OtlpMessage.None)
            {
                if (!IsScalar(rule, wireType, field))
                {
                    return OtlpOutcome.Malformed;
                }

                continue;
            }

            if (wireType != WireType.LengthDelimited)
            {
                return OtlpOutcome.Malformed;
            }

            // 3. What it holds.
            if (rule.IsRecord)
            {
                if (++Records > _maxRecords)
                {
                    return OtlpOutcome.TooManyRecords;
                }

                // Points of one metric stand together, or their surroundings could not be told in one look.
                if (message is not (OtlpMessage.ScopeSpans or OtlpMessage.ScopeLogs))
                {
                    if (pointsEnded >= 0 && pointsEnded != fieldStart)
                    {
                        return OtlpOutcome.Malformed;
                    }

                    pointsEnded = at;
                }
            }

            var outcome = Check(rule.Message, field, depth + 1, valueDepth);
            if (outcome != OtlpOutcome.Valid)
            {
                return outcome;
            }
        }

        return OtlpOutcome.Valid;
    }

    private static bool IsScalar(OtlpRule rule, WireType wireType, ReadOnlySpan<byte> field)
    {
        if (wireType != rule.WireType)
        {
            return rule.IsRepeated && wireType == WireType.LengthDelimited && IsPacked(rule.WireType, field);
        }

        return rule.IsText ? Utf8.IsValid(field) : rule.AllowsLength(field.Length);
    }

    /// <summary>
    /// The position behind an attribute that has a key and a scalar in the order that every SDK writes, and nothing else:
    /// <c>4a 0e 0a 03 "key" 12 07 0a 05 "value"</c>. 0 says nothing about it.
    /// </summary>
    private static int EndOfPlainAttribute(ReadOnlySpan<byte> content, int at)
    {
        at++;
        if (!Varint.TryReadLength(content, ref at, out var length))
        {
            return 0;
        }

        var attribute = content.Slice(at, length);
        var end = at + length;
        at = 1;
        if (attribute.IsEmpty || attribute[0] != KeyTag || !Varint.TryReadLength(attribute, ref at, out var key))
        {
            return 0;
        }

        var name = attribute.Slice(at, key);
        at += key;
        if ((uint)at >= (uint)attribute.Length || attribute[at++] != ValueTag || !Varint.TryReadLength(attribute, ref at, out var value)
            || at + value != attribute.Length || (uint)at >= (uint)attribute.Length)
        {
            return 0;
        }

        var text = 0;
        var isPlain = attribute[at++] switch
        {
            StringTag => Varint.TryReadLength(attribute, ref at, out text) && at + text == attribute.Length,
            IntTag or BoolTag => Varint.TryRead(attribute, ref at, out _) && at == attribute.Length,
            DoubleTag => at + sizeof(double) == attribute.Length,
            _ => false,
        };

        // Tags and short lengths are ASCII like nearly every text: one look at them all spares one at each.
        isPlain = isPlain && (Ascii.IsValid(attribute) || (Utf8.IsValid(name) && Utf8.IsValid(attribute.Slice(at, text))));
        return isPlain ? end : 0;
    }

    private static bool TrySkipNumber(WireType type, ReadOnlySpan<byte> content, ref int at)
    {
        switch (type)
        {
            case WireType.Varint:
                return Varint.TryRead(content, ref at, out _);
            case WireType.Fixed64:
                at += 8;
                return at <= content.Length;
            case WireType.Fixed32:
                at += 4;
                return at <= content.Length;
            default:
                return false;
        }
    }

    private static bool IsContainer(OtlpMessage message) => message is OtlpMessage.ResourceSpans or OtlpMessage.ScopeSpans
        or OtlpMessage.ResourceLogs or OtlpMessage.ScopeLogs or OtlpMessage.ResourceMetrics or OtlpMessage.ScopeMetrics or OtlpMessage.Metric;

    private static bool IsPacked(WireType type, ReadOnlySpan<byte> content)
    {
        if (type != WireType.Varint)
        {
            return content.Length % (type == WireType.Fixed64 ? 8 : 4) == 0;
        }

        var at = 0;
        while (at < content.Length)
        {
            if (!Varint.TryRead(content, ref at, out _))
            {
                return false;
            }
        }

        return true;
    }
}
