using StellaOps.Telemetry.Otlp.Schema;
using StellaOps.Telemetry.Otlp.Wire;
using StellaOps.Telemetry.Redaction.Keys;

namespace StellaOps.Telemetry.Redaction;

internal ref partial struct RedactionWalk
{
    private const byte KeyTag = 0x0A;
    private const byte ValueTag = 0x12;
    private const byte TextTag = 0x0A;
    private const byte BoolTag = 0x10;
    private const byte IntTag = 0x18;

    /// <summary>
    /// True for a key and a text, integer or boolean in the order that every SDK writes, and nothing else, in which no rule finds anything:
    /// <c>0a 03 "key" 12 07 0a 05 "value"</c>. False says nothing.
    /// </summary>
    private bool IsPlain(int start, int end)
    {
        var data = _data[..end];
        var at = start + 1;
        if (start >= end || data[start] != KeyTag || !Varint.TryReadLength(data, ref at, out var length)
            || !_scratch.Keys.TryGet(data.Slice(at, length), out var verdict) || !verdict.IsPlain)
        {
            return false;
        }

        at += length;
        if (at >= end || data[at++] != ValueTag || !Varint.TryReadLength(data, ref at, out length) || length < 2 || at + length != end)
        {
            return false;
        }

        switch (data[at++])
        {
            case TextTag:
                return Varint.TryReadLength(data, ref at, out length) && at + length == end && IsCleanText(at, end);
            case IntTag:
                return Varint.TryRead(data, ref at, out var value) && at == end && !IsCard((long)value);
            case BoolTag:
                return at + 1 == end && data[at] <= 1;
            default:
                return false;
        }
    }

    /// <summary>Whether no rule finds anything in this text; texts that needed a second look and were clean are remembered.</summary>
    private bool IsCleanText(int start, int end)
    {
        if (!_policy.HasPatterns && IsClean(start, end))
        {
            return true;
        }

        var text = _data[start..end];
        if (_scratch.CleanTexts.Contains(text))
        {
            return true;
        }

        if (_text.Matches(text))
        {
            return false;
        }

        _scratch.CleanTexts.Add(text);
        return true;
    }

    private int Attribute(in Field field, int depth)
    {
        var slot = _scratch.Reserve();
        var delta = KeyValue(field.Content, field.End, depth + 1, out var drop);
        if (drop < 0)
        {
            return Close(field, slot, delta);
        }

        _scratch.Rollback(slot);
        return Drop(field, drop);
    }

    /// <summary>Walks one attribute. Its key may stand after its value, or more than once: keys are judged first, and the strictest verdict wins.</summary>
    private int KeyValue(int start, int end, int depth, out int drop)
    {
        drop = -1;
        if (depth > MaxDepth)
        {
            _malformed = true;
            return 0;
        }

        var rule = -1;
        var ignored = true;
        var dirty = false;
        var keys = 0;
        var reader = new WireReader(_data[start..end]);
        while (reader.TryReadField())
        {
            if (reader.FieldNumber == 1 && reader.WireType == WireType.LengthDelimited)
            {
                var verdict = Judge(reader.Content);
                keys++;
                rule = rule < 0 ? verdict.Rule : rule;
                ignored &= verdict.Ignored;
                dirty |= verdict.Dirty;
            }
        }

        if (reader.IsMalformed)
        {
            _malformed = true;
            return 0;
        }

        if (rule >= 0 && _policy.KeyActions[rule] == RedactionAction.Drop && !_pseudonymise)
        {
            drop = rule;
            return 0;
        }

        ignored &= keys > 0;
        var delta = 0;
        reader = new WireReader(_data[start..end]);
        while (!_malformed && reader.TryReadField())
        {
            var field = FieldOf(ref reader, start);
            switch (reader.FieldNumber)
            {
                case 1 when reader.WireType == WireType.LengthDelimited:
                    delta += dirty ? Text(field, pseudonymise: true) : 0;
                    break;
                case 2 when reader.WireType == WireType.LengthDelimited:
                    if (rule >= 0)
                    {
                        delta += Blocked(field, rule, depth);
                    }
                    else if (!ignored)
                    {
                        delta += Child(field, OtlpMessage.AnyValue, depth);
                    }

                    break;
                default:
                    delta += reader.WireType == WireType.Fixed32 ? 0 : Unknown(field);
                    break;
            }
        }

        return delta;
    }

    private readonly Field FieldOf(scoped ref WireReader reader, int start)
    {
        var tag = start + reader.FieldStart;
        while (_data[tag] >= 0x80)
        {
            tag++;
        }

        return new Field
        {
            Start = start + reader.FieldStart,
            Tag = tag + 1,
            Content = start + reader.ContentStart,
            End = start + reader.FieldEnd,
            Number = reader.FieldNumber,
            WireType = reader.WireType,
            Value = reader.Value,
        };
    }

    private readonly KeyVerdict Judge(ReadOnlySpan<byte> key)
    {
        if (_scratch.Keys.TryGet(key, out var verdict))
        {
            return verdict;
        }

        var dirty = _text.Matches(key);
        var rule = _policy.Keys.FindRule(key);
        var ignored = false;
        if (!dirty)
        {
            ignored = _policy.Keys.IsIgnored(key);
        }
        else
        {
            // The rules must say the same of the key that the second redaction will see.
            var counts = _scratch.Counts.ToArray();
            if (_text.TryRewrite(key, pseudonymise: true, out var rewritten) && rule < 0)
            {
                rule = _policy.Keys.FindRule(rewritten);
            }

            counts.CopyTo(_scratch.Counts);
        }

        verdict = new KeyVerdict(rule, ignored, dirty);
        if (!dirty)
        {
            // What such a key becomes depends on the tenant, and personal data is not kept in memory for longer than needed.
            _scratch.Keys.Add(key, verdict);
        }

        return verdict;
    }

    /// <summary>Replaces the whole value of a blocked key.</summary>
    private int Blocked(in Field field, int rule, int depth)
    {
        var value = _data[field.Content..field.End];
        if (IsHarmless(value, out var text))
        {
            // Nothing to hide; fields that we do not know are still looked at.
            return Child(field, OtlpMessage.AnyValue, depth);
        }

        var action = _policy.KeyActions[rule];
        Span<byte> mark = stackalloc byte[Pseudonyms.Length];
        if (_pseudonymise || action is RedactionAction.Hmac)
        {
            var keys = _text.Keys;
            if (!text.IsEmpty && Pseudonyms.IsOwn(keys, text))
            {
                return 0;
            }

            Pseudonyms.Write(keys, text.IsEmpty ? value : text, mark);
        }
        else
        {
            if (text.SequenceEqual(Marks.Redacted))
            {
                return 0;
            }

            mark = mark[..Marks.Redacted.Length];
            Marks.Redacted.CopyTo(mark);
        }

        _scratch.Counts[rule]++;
        var at = _scratch.Mark();
        _scratch.AppendVarint((uint)mark.Length + 2);
        _scratch.Insert([0x0A, (byte)mark.Length]);
        _scratch.Insert(mark);
        return _scratch.Replace(field.Tag, field.End - field.Tag, at);
    }

    /// <summary>No value, a boolean, or an empty text. Gives the text of a value that is nothing but one text.</summary>
    private static bool IsHarmless(ReadOnlySpan<byte> anyValue, out ReadOnlySpan<byte> text)
    {
        text = default;
        var fields = 0;
        var harmless = true;
        var reader = new WireReader(anyValue);
        while (reader.TryReadField())
        {
            fields++;
            if (reader.FieldNumber == 1 && reader.WireType == WireType.LengthDelimited)
            {
                text = reader.Content;
                harmless &= text.IsEmpty;
            }
            else if (!(reader.FieldNumber == 2 && reader.WireType == WireType.Varint && reader.Value <= 1))
            {
                harmless = false;
                fields++;
            }
        }

        if (fields != 1)
        {
            text = default;
        }

        return harmless && !reader.IsMalformed;
    }
}
