using System.Buffers;
using System.Buffers.Text;
using StellaOps.Telemetry.Otlp.Wire;
using StellaOps.Telemetry.Redaction.Keys;
using StellaOps.Telemetry.Redaction.Scanning;

namespace StellaOps.Telemetry.Redaction;

/// <summary>
/// One forward walk over a request that gathers edits. A message's length prefix gets its edit reserved before the walk enters it, so that
/// edits stay in order of offset; a message without edits gives the reservation back.
/// </summary>
internal ref struct RedactionWalk
{
    // Deeper than generated parsers accept by default (100); the validator in front usually stops earlier.
    private const int MaxDepth = 128;
    private const int MaxUnknownDepth = 8;

    private readonly CompiledPolicy _policy;
    private readonly RedactionScratch _scratch;
    private readonly TextRedactor _text;
    private readonly ReadOnlySpan<byte> _data;
    private readonly bool _pseudonymise;
    private bool _malformed;

    public RedactionWalk(CompiledPolicy policy, RedactionScratch scratch, string tenant, ReadOnlySpan<byte> data, bool pseudonymise)
    {
        _policy = policy;
        _scratch = scratch;
        _text = new TextRedactor(policy, scratch, tenant);
        _data = data;
        _pseudonymise = pseudonymise;
    }

    public bool Run(Schema request)
    {
        Message(0, _data.Length, request, 0);
        return !_malformed;
    }

    /// <summary>Walks the fields of the message in [start, end); gives the change in its size.</summary>
    private int Message(int start, int end, Schema schema, int depth)
    {
        if (depth > MaxDepth)
        {
            _malformed = true;
            return 0;
        }

        var delta = 0;
        var reader = new WireReader(_data[start..end]);
        while (!_malformed && reader.TryReadField())
        {
            delta += Field(ref reader, start, schema, depth);
        }

        _malformed |= reader.IsMalformed;
        return delta;
    }

    private int Field(scoped ref WireReader reader, int start, Schema schema, int depth)
    {
        var kind = schema.KindOf(reader.FieldNumber);
        switch (reader.WireType)
        {
            case WireType.LengthDelimited:
                switch (kind)
                {
                    case FieldKind.Text or FieldKind.Bytes:
                        return Text(ref reader, start, _pseudonymise);
                    case FieldKind.KeyValue or FieldKind.Message:
                        return Child(ref reader, start, kind == FieldKind.KeyValue ? null : schema.ChildOf(reader.FieldNumber), depth);
                    case FieldKind.Id when reader.FieldEnd - reader.ContentStart is 0 or 8 or 16:
                    case FieldKind.Packed:
                        return 0;
                }

                break;
            case WireType.Varint:
                switch (kind)
                {
                    case FieldKind.Small when reader.Value <= uint.MaxValue || (long)reader.Value is < 0 and >= int.MinValue:
                    case FieldKind.Packed:
                        return 0;
                    case FieldKind.AnyInt:
                        return IsCard((long)reader.Value) ? AnyNumber(ref reader, start, (long)reader.Value) : 0;
                }

                break;
            case WireType.Fixed64:
                switch (kind)
                {
                    case FieldKind.Fixed or FieldKind.Packed:
                        return 0;
                    case FieldKind.AnyDouble:
                        var real = BitConverter.UInt64BitsToDouble(reader.Value);
                        return _policy.Card is not null && CardNumbers.IsCard(real) ? AnyNumber(ref reader, start, (long)Math.Min(real, long.MaxValue)) : 0;
                    case FieldKind.PointInt:
                        return IsCard((long)reader.Value) ? Zero(ref reader, start) : 0;
                    case FieldKind.PointDouble:
                        return _policy.Card is not null && CardNumbers.IsCard(BitConverter.UInt64BitsToDouble(reader.Value)) ? Zero(ref reader, start) : 0;
                }

                break;
            default:
                // Four bytes hold no card number and no text.
                return 0;
        }

        return Unknown(ref reader, start);
    }

    private readonly bool IsCard(long value) => _policy.Card is not null && CardNumbers.IsCard(value);

    private int Child(scoped ref WireReader reader, int start, Schema? schema, int depth)
    {
        var contentStart = start + reader.ContentStart;
        var contentEnd = start + reader.FieldEnd;
        var slot = _scratch.Reserve();
        var drop = -1;
        var delta = schema is null ? KeyValue(contentStart, contentEnd, depth + 1, out drop) : Message(contentStart, contentEnd, schema, depth + 1);
        if (drop >= 0)
        {
            _scratch.Rollback(slot);
            _scratch.Counts[drop]++;
            return _scratch.Replace(start + reader.FieldStart, reader.FieldEnd - reader.FieldStart, _scratch.Mark());
        }

        if (_scratch.EditCount == slot + 1)
        {
            _scratch.Rollback(slot);
            return 0;
        }

        var prefix = TagEnd(start + reader.FieldStart);
        if (delta == 0)
        {
            _scratch.SetNothing(slot, prefix);
            return 0;
        }

        return delta + _scratch.SetLength(slot, prefix, contentStart - prefix, contentEnd - contentStart + delta);
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
            switch (reader.FieldNumber)
            {
                case 1 when reader.WireType == WireType.LengthDelimited:
                    delta += dirty ? Text(ref reader, start, pseudonymise: true) : 0;
                    break;
                case 2 when reader.WireType == WireType.LengthDelimited:
                    if (rule >= 0)
                    {
                        delta += Blocked(ref reader, start, rule, depth);
                    }
                    else if (!ignored)
                    {
                        delta += Child(ref reader, start, Schema.AnyValue, depth);
                    }

                    break;
                default:
                    delta += reader.WireType == WireType.Fixed32 ? 0 : Unknown(ref reader, start);
                    break;
            }
        }

        return delta;
    }

    private readonly KeyVerdict Judge(ReadOnlySpan<byte> key)
    {
        if (_policy.KeyCache.TryGet(key, out var verdict))
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
            _policy.KeyCache.Add(key, verdict);
        }

        return verdict;
    }

    /// <summary>Replaces the whole value of a blocked key.</summary>
    private int Blocked(scoped ref WireReader reader, int start, int rule, int depth)
    {
        var value = reader.Content;
        if (IsHarmless(value, out var text))
        {
            // Nothing to hide; fields that we do not know are still looked at.
            return Child(ref reader, start, Schema.AnyValue, depth);
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
        var prefix = TagEnd(start + reader.FieldStart);
        return _scratch.Replace(prefix, start + reader.FieldEnd - prefix, at);
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

    private int Text(scoped ref WireReader reader, int start, bool pseudonymise)
    {
        if (!_text.TryRewrite(reader.Content, pseudonymise, out var rewritten))
        {
            return 0;
        }

        var prefix = TagEnd(start + reader.FieldStart);
        var mark = _scratch.Mark();
        _scratch.AppendVarint((uint)rewritten.Length);
        _scratch.Insert(rewritten);
        return _scratch.Replace(prefix, start + reader.FieldEnd - prefix, mark);
    }

    /// <summary>An AnyValue's number becomes a text: the tags of its number fields are one byte, as is that of its text.</summary>
    private int AnyNumber(scoped ref WireReader reader, int start, long value)
    {
        var card = _policy.Card!;
        _scratch.Counts[card.Index]++;
        Span<byte> buffer = stackalloc byte[Math.Max(Pseudonyms.Length, card.Mask.Length)];
        scoped ReadOnlySpan<byte> text = card.Mask;
        if (_pseudonymise || card.Action == RedactionAction.Hmac)
        {
            Span<byte> digits = stackalloc byte[20];
            Utf8Formatter.TryFormat((ulong)Math.Abs(value), digits, out var length);
            Pseudonyms.Write(_text.Keys, digits[..length], buffer);
            text = buffer[..Pseudonyms.Length];
        }
        else if (card.Action == RedactionAction.Drop)
        {
            text = default;
        }

        var mark = _scratch.Mark();
        _scratch.Insert([0x0A, (byte)text.Length]);
        _scratch.Insert(text);
        return _scratch.Replace(start + reader.FieldStart, reader.FieldEnd - reader.FieldStart, mark);
    }

    /// <summary>A measurement cannot become a text.</summary>
    private int Zero(scoped ref WireReader reader, int start)
    {
        _scratch.Counts[_policy.Card!.Index]++;
        var mark = _scratch.Mark();
        _scratch.Insert([0, 0, 0, 0, 0, 0, 0, 0]);
        return _scratch.Replace(start + reader.FieldEnd - 8, 8, mark);
    }

    /// <summary>A field that we do not know goes when it holds what a rule finds: there is no telling how to mask it and stay valid.</summary>
    private int Unknown(scoped ref WireReader reader, int start)
    {
        if (!UnknownMatches(ref reader, 0))
        {
            return 0;
        }

        _scratch.Counts[_policy.UnknownField]++;
        return _scratch.Replace(start + reader.FieldStart, reader.FieldEnd - reader.FieldStart, _scratch.Mark());
    }

    private readonly bool UnknownMatches(scoped ref WireReader reader, int depth)
    {
        switch (reader.WireType)
        {
            case WireType.Varint:
                // A zig-zag encoded integer is looked at decoded, too.
                return IsCard((long)reader.Value) || IsCard((long)(reader.Value >> 1));
            case WireType.Fixed64:
                return _policy.Card is not null && (CardNumbers.IsCard((long)reader.Value) || CardNumbers.IsCard(BitConverter.UInt64BitsToDouble(reader.Value)));
            case WireType.LengthDelimited:
                return _text.Matches(reader.Content) || (depth < MaxUnknownDepth && UnknownMessageMatches(reader.Content, depth + 1));
            default:
                return false;
        }
    }

    /// <summary>Whatever parses as a message may be one; in a text before the point where it stops parsing, a false find needs a whole pattern.</summary>
    private readonly bool UnknownMessageMatches(ReadOnlySpan<byte> content, int depth)
    {
        var reader = new WireReader(content);
        while (reader.TryReadField())
        {
            if (UnknownMatches(ref reader, depth))
            {
                return true;
            }
        }

        return false;
    }

    private readonly int TagEnd(int fieldStart)
    {
        while (_data[fieldStart] >= 0x80)
        {
            fieldStart++;
        }

        return fieldStart + 1;
    }
}
