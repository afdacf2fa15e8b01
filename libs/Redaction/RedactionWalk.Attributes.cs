using System.Text;
using StellaOps.Telemetry.Otlp.Schema;
using StellaOps.Telemetry.Otlp.Wire;
using StellaOps.Telemetry.Redaction.Keys;
using StellaOps.Telemetry.Redaction.Sanitizing;

namespace StellaOps.Telemetry.Redaction;

internal ref partial struct RedactionWalk
{
    private const byte KeyTag = 0x0A;
    private const byte ValueTag = 0x12;
    private const byte TextTag = 0x0A;
    private const byte BoolTag = 0x10;
    private const byte IntTag = 0x18;

    /// <summary>
    /// Treats a key and a text, integer or boolean in the order that every SDK writes, and nothing else: <c>0a 03 "key" 12 07 0a 05 "value"</c>.
    /// False, and nothing done, where it is not so, or where more is to be done than to look at the value.
    /// </summary>
    private bool TryPlain(in Field field, out int delta)
    {
        delta = 0;
        var data = _data[..field.End];
        var at = field.Content + 1;
        if (field.Content >= data.Length || data[field.Content] != KeyTag || !Varint.TryReadLength(data, ref at, out var length)
            || !_scratch.Keys.TryGet(data.Slice(at, length), out var verdict) || !verdict.IsPlain)
        {
            return false;
        }

        var key = at;
        var keyLength = length;
        at += length;
        var value = at;
        if (at >= data.Length || data[at++] != ValueTag || !Varint.TryReadLength(data, ref at, out length) || length < 2 || at + length != data.Length)
        {
            return false;
        }

        var content = at;
        switch (data[at++])
        {
            case TextTag:
                if (!Varint.TryReadLength(data, ref at, out length) || at + length != data.Length)
                {
                    return false;
                }

                if (!IsCleanText(at, data.Length))
                {
                    delta = RewritePlain(field, value, content, at);
                    if (delta != 0 && _isSummarised)
                    {
                        _scratch.Notes.AddKey(key, keyLength, isDropped: false);
                    }
                }

                return true;
            case IntTag:
                return Varint.TryRead(data, ref at, out var number) && at == data.Length && !IsCard((long)number);
            case BoolTag:
                return at + 1 == data.Length && data[at] <= 1;
            default:
                return false;
        }
    }

    /// <summary>Rewrites the text of an attribute, if a rule finds anything in it, and the two lengths around it.</summary>
    private int RewritePlain(in Field attribute, int value, int content, int text)
    {
        var outer = _scratch.Reserve();
        var inner = _scratch.Reserve();
        var delta = Rewrite(new Field { Tag = content + 1, Content = text, End = attribute.End }, _pseudonymise, Sanitizer.None);
        if (_scratch.EditCount == inner + 1)
        {
            _scratch.Rollback(outer);
            return 0;
        }

        delta = Close(new Field { Tag = value + 1, Content = content, End = attribute.End }, inner, delta);
        return Close(attribute, outer, delta);
    }

    /// <summary>Whether it is known that no rule finds anything in this text: at a glance, or because it was looked at before.</summary>
    private bool IsCleanText(int start, int end) => (!_policy.HasPatterns && IsClean(start, end)) || _scratch.CleanTexts.Contains(_data[start..end]);

    private int Attribute(in Field field, OtlpMessage parent, int depth)
    {
        var notes = _scratch.Notes;
        var masked = notes.Masked;
        var slot = _scratch.Reserve();
        var delta = KeyValue(field, parent, depth + 1, out var key);
        if (key.Drop >= 0)
        {
            _scratch.Rollback(slot);
            notes.Dropped++;
            delta = Drop(field, key.Drop);
        }
        else if (key.Summary >= 0)
        {
            _scratch.Rollback(slot);
            return FoundSummary(field, key.Summary);
        }
        else
        {
            delta = Close(field, slot, delta);
        }

        if (_isSummarised && parent != OtlpMessage.KeyValueList && !key.IsDirty && (key.Drop >= 0 || notes.Masked != masked))
        {
            notes.AddKey(key.Start, key.Length, key.Drop >= 0);
        }

        return delta;
    }

    /// <summary>Walks one attribute. Its key may stand after its value, or more than once: keys are judged first, and the strictest verdict wins.</summary>
    private int KeyValue(in Field attribute, OtlpMessage parent, int depth, out AttributeKey key)
    {
        key = new AttributeKey { Drop = -1, Summary = -1 };
        if (depth > MaxDepth)
        {
            _malformed = true;
            return 0;
        }

        var start = attribute.Content;
        var content = _data[start..attribute.End];
        var rule = -1;
        var ignored = true;
        var unlisted = false;
        var sanitizer = Sanitizer.None;
        var keys = 0;
        var reader = new WireReader(content);
        while (reader.TryReadField())
        {
            if (reader.FieldNumber == 1 && reader.WireType == WireType.LengthDelimited)
            {
                var verdict = Judge(reader.Content);
                keys++;
                rule = rule < 0 ? verdict.Rule : rule;
                ignored &= verdict.Ignored;
                unlisted |= verdict.Unlisted;
                sanitizer = sanitizer == Sanitizer.None ? verdict.Sanitizer : sanitizer;
                key.IsDirty |= verdict.Dirty;
                key.Start = start + reader.ContentStart;
                key.Length = reader.FieldEnd - reader.ContentStart;
                key.Summary = verdict.Summary;
            }
        }

        if (reader.IsMalformed)
        {
            _malformed = true;
            return 0;
        }

        if (key.Summary >= 0 && keys == 1 && _isSummarised && SummaryField(parent) != 0 && content[0] == KeyTag)
        {
            return 0;
        }

        key.Summary = -1;
        ignored &= keys > 0;

        // Without a key there is no name that the list could hold. Keys within a value go with their attribute; a body has no other keys.
        unlisted |= keys == 0 && _policy.AllowedKeys >= 0;
        unlisted &= parent != OtlpMessage.KeyValueList || _isInBody;
        if (unlisted && !_pseudonymise)
        {
            key.Drop = _policy.AllowedKeys;
            return 0;
        }

        if (rule >= 0 && !ignored && _policy.KeyActions[rule] == RedactionAction.Drop && !_pseudonymise)
        {
            key.Drop = rule;
            return 0;
        }

        var outer = _sanitizer;
        _sanitizer = sanitizer;
        var delta = 0;
        reader = new WireReader(content);
        while (!_malformed && reader.TryReadField())
        {
            var field = FieldOf(ref reader, start);
            switch (reader.FieldNumber)
            {
                case 1 when reader.WireType == WireType.LengthDelimited:
                    delta += key.IsDirty ? Rewrite(field, pseudonymise: true, Sanitizer.None) : 0;
                    break;
                case 2 when reader.WireType == WireType.LengthDelimited:
                    delta += ignored ? 0 : unlisted ? Blocked(field, _policy.AllowedKeys, RedactionAction.Hmac, depth)
                        : rule >= 0 ? Blocked(field, rule, _policy.KeyActions[rule], depth)
                        : Value(field, depth);
                    break;
                default:
                    delta += reader.WireType == WireType.Fixed32 ? 0 : Unknown(field);
                    break;
            }
        }

        _sanitizer = outer;
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

        if (!_text.Matches(key))
        {
            verdict = _policy.Keys.Judge(key);
            _scratch.Keys.Add(key, verdict);
            return verdict;
        }

        // The rules must say the same of the key that the second redaction will see. Such a verdict is not kept: what the key becomes depends on
        // the tenant, and personal data is not kept in memory for longer than needed.
        var rule = _policy.Keys.FindRule(Encoding.UTF8.GetString(key));
        var counts = _scratch.Counts.ToArray();
        if (_text.TryRewrite(key, pseudonymise: true, Sanitizer.None, out var rewritten) && rule < 0)
        {
            rule = _policy.Keys.FindRule(Encoding.UTF8.GetString(rewritten));
        }

        counts.CopyTo(_scratch.Counts);
        return new KeyVerdict(rule, Ignored: false, Dirty: true, Unlisted: _policy.AllowedKeys >= 0, Sanitizer.None, -1);
    }

    /// <summary>Replaces the whole value of a blocked key.</summary>
    private int Blocked(in Field field, int rule, RedactionAction action, int depth)
    {
        var value = _data[field.Content..field.End];
        if (IsHarmless(value, out var text))
        {
            // Nothing to hide; fields that we do not know are still looked at.
            return Value(field, depth);
        }

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
        _scratch.Notes.Masked++;
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

    /// <summary>What is known of an attribute once its keys are judged.</summary>
    private struct AttributeKey
    {
        public int Start;
        public int Length;
        public bool IsDirty;

        /// <summary>The rule that takes the attribute away; negative when none does.</summary>
        public int Drop;

        /// <summary>Which attribute of the summary it is; negative when none.</summary>
        public int Summary;
    }
}
