using System.Buffers.Binary;
using System.Buffers.Text;
using System.Numerics;
using StellaOps.Telemetry.Otlp;
using StellaOps.Telemetry.Otlp.Schema;
using StellaOps.Telemetry.Otlp.Wire;
using StellaOps.Telemetry.Redaction.Sanitizing;
using StellaOps.Telemetry.Redaction.Scanning;

namespace StellaOps.Telemetry.Redaction;

/// <summary>
/// One forward walk over a request that gathers edits. A message's length prefix gets its edit reserved before the walk enters it, so that
/// edits stay in order of offset; a message without edits gives the reservation back.
/// </summary>
internal ref partial struct RedactionWalk
{
    // Deeper than generated parsers accept by default (100); the validator in front usually stops earlier.
    private const int MaxDepth = 128;
    private const int MaxUnknownDepth = 8;
    private const int SpanName = 5;

    private readonly CompiledPolicy _policy;
    private readonly RedactionScratch _scratch;
    private readonly TextRedactor _text;
    private readonly ReadOnlySpan<byte> _data;
    private readonly bool _pseudonymise;

    // Where a match may begin in the Step bytes from _window on; requests are read forward, so one window at a time will do.
    private int _window;
    private ulong _places;
    private bool _malformed;

    // Of the attribute, or the body, that the walk is in.
    private Sanitizer _sanitizer;
    private bool _isInBody;
    private bool _isSummarised;

    public RedactionWalk(CompiledPolicy policy, RedactionScratch scratch, string tenant, ReadOnlySpan<byte> data, bool pseudonymise)
    {
        _policy = policy;
        _scratch = scratch;
        _text = new TextRedactor(policy, scratch, tenant);
        _data = data;
        _pseudonymise = pseudonymise;
        _window = -Triggers.Step;
    }

    /// <summary>Walks the request; false where it is none. The sum of all edits is in <paramref name="delta"/>.</summary>
    public bool Run(OtlpSignal signal, out int delta)
    {
        delta = Message(0, _data.Length, OtlpSchema.RequestOf(signal), 0);
        return !_malformed;
    }

    /// <summary>Walks the fields of the message in [start, end); gives the change in its size.</summary>
    private int Message(int start, int end, OtlpMessage message, int depth)
    {
        if (depth > MaxDepth)
        {
            _malformed = true;
            return 0;
        }

        var delta = 0;
        var data = _data[..end];
        var at = start;
        while (at < end)
        {
            var field = new Field { Start = at };
            if (!Varint.TryRead(data, ref at, out var tag) || tag is < 8 or > uint.MaxValue)
            {
                _malformed = true;
                return delta;
            }

            field.Tag = at;
            field.Number = (int)(tag >> 3);
            field.WireType = (WireType)(tag & 7);
            var rule = FieldRule.Of(message, field.Number);
            if (field.WireType == WireType.LengthDelimited)
            {
                if (!Varint.TryReadLength(data, ref at, out var length))
                {
                    _malformed = true;
                    return delta;
                }

                field.Content = at;
                at += length;
                field.End = at;
                switch (rule.Kind)
                {
                    case FieldKind.KeyValue:
                        delta += TryPlain(field, out var change) ? change : Attribute(field, message, depth);
                        continue;
                    case FieldKind.Text:
                        delta += Text(field, message);
                        continue;
                    case FieldKind.Message:
                        delta += Child(field, message, rule.Message, depth);
                        continue;
                    case FieldKind.TraceId when length is 0 or 16:
                    case FieldKind.SpanId when length is 0 or 8:
                    case FieldKind.Packed:
                        continue;
                }
            }
            else
            {
                if (!TryReadNumber(data, ref at, ref field))
                {
                    _malformed = true;
                    return delta;
                }

                delta += Number(field, rule.Kind);
                continue;
            }

            delta += Unknown(field);
        }

        return delta;
    }

    private static bool TryReadNumber(ReadOnlySpan<byte> data, ref int at, ref Field field)
    {
        field.Content = at;
        switch (field.WireType)
        {
            case WireType.Varint:
                if (!Varint.TryRead(data, ref at, out var varint))
                {
                    return false;
                }

                field.Value = varint;
                break;
            case WireType.Fixed64:
                if (data.Length - at < 8)
                {
                    return false;
                }

                field.Value = BinaryPrimitives.ReadUInt64LittleEndian(data[at..]);
                at += 8;
                break;
            case WireType.Fixed32:
                if (data.Length - at < 4)
                {
                    return false;
                }

                at += 4;
                break;
            default:
                return false;
        }

        field.End = at;
        return true;
    }

    private int Number(in Field field, FieldKind kind)
    {
        switch (field.WireType, kind)
        {
            case (WireType.Varint, FieldKind.Small) when field.Value <= uint.MaxValue || (long)field.Value is < 0 and >= int.MinValue:
            case (WireType.Varint or WireType.Fixed64, FieldKind.Packed):
            case (WireType.Fixed64, FieldKind.Fixed):
            case (WireType.Fixed32, _):
                // Four bytes hold no card number and no text.
                return 0;
            case (WireType.Varint, FieldKind.AnyInt):
                return IsCard((long)field.Value) ? AnyNumber(field, (long)field.Value) : 0;
            case (WireType.Fixed64, FieldKind.AnyDouble):
                var real = BitConverter.UInt64BitsToDouble(field.Value);
                return IsCard(real) ? AnyNumber(field, (long)Math.Min(real, long.MaxValue)) : 0;
            case (WireType.Fixed64, FieldKind.PointInt):
                return IsCard((long)field.Value) ? Zero(field) : 0;
            case (WireType.Fixed64, FieldKind.PointDouble):
                return IsCard(BitConverter.UInt64BitsToDouble(field.Value)) ? Zero(field) : 0;
            default:
                return Unknown(field);
        }
    }

    /// <summary>Whether no value rule can match within these bytes. False says nothing.</summary>
    private bool IsClean(int start, int end)
    {
        if (_policy.Classes == ValueClasses.None)
        {
            return true;
        }

        while (true)
        {
            var skip = start - _window;
            if ((uint)skip < Triggers.Step)
            {
                var places = _places >> skip;
                if (places != 0)
                {
                    return start + BitOperations.TrailingZeroCount(places) >= end;
                }

                start = _window + Triggers.Step;
            }

            if (start >= end)
            {
                return true;
            }

            _window = start;
            _places = Triggers.At(_data, start, _policy.Classes);
        }
    }

    private readonly bool IsCard(double value) => _policy.Card is not null && CardNumbers.IsCard(value);

    private readonly bool IsCard(long value) => _policy.Card is not null && CardNumbers.IsCard(value);

    private int Child(in Field field, OtlpMessage parent, OtlpMessage message, int depth)
    {
        if (parent == OtlpMessage.LogRecord)
        {
            _isInBody = true;
            var inBody = Value(field, depth);
            _isInBody = false;
            return inBody;
        }

        if (_policy.Summary != RedactionSummary.Silent && !_pseudonymise && SummaryField(message) != 0)
        {
            return Summarised(field, message, depth);
        }

        var slot = _scratch.Reserve();
        var delta = Message(field.Content, field.End, message, depth + 1);
        return Close(field, slot, delta);
    }

    private int Value(in Field field, int depth)
    {
        var slot = _scratch.Reserve();
        var delta = Message(field.Content, field.End, OtlpMessage.AnyValue, depth + 1);
        return Close(field, slot, delta);
    }

    /// <summary>Makes the edit of a message's length once the edits inside it are known.</summary>
    private readonly int Close(in Field field, int slot, int delta)
    {
        if (_scratch.EditCount == slot + 1)
        {
            _scratch.Rollback(slot);
            return 0;
        }

        if (delta == 0)
        {
            _scratch.SetNothing(slot, field.Tag);
            return 0;
        }

        return delta + _scratch.SetLength(slot, field.Tag, field.Content - field.Tag, field.End - field.Content + delta);
    }

    private int Text(in Field field, OtlpMessage message)
    {
        var sanitizer = message == OtlpMessage.AnyValue ? _sanitizer
            : message == OtlpMessage.Span && field.Number == SpanName && _policy.SanitizesSpanNames ? Sanitizer.SpanName
            : Sanitizer.None;
        return sanitizer == Sanitizer.None && IsCleanText(field.Content, field.End) ? 0 : Rewrite(field, _pseudonymise, sanitizer);
    }

    private int Rewrite(in Field field, bool pseudonymise, Sanitizer sanitizer)
    {
        var text = _data[field.Content..field.End];
        if (!_text.TryRewrite(text, pseudonymise, sanitizer, out var rewritten))
        {
            if (sanitizer == Sanitizer.None)
            {
                _scratch.CleanTexts.Add(text);
            }

            return 0;
        }

        _scratch.Notes.Masked++;
        var mark = _scratch.Mark();
        _scratch.AppendVarint((uint)rewritten.Length);
        _scratch.Insert(rewritten);
        return _scratch.Replace(field.Tag, field.End - field.Tag, mark);
    }

    /// <summary>An AnyValue's number becomes a text: the tags of its number fields are one byte, as is that of its text.</summary>
    private int AnyNumber(in Field field, long value)
    {
        var card = _policy.Card!;
        _scratch.Counts[card.Index]++;
        _scratch.Notes.Masked++;
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
        return _scratch.Replace(field.Start, field.End - field.Start, mark);
    }

    /// <summary>A measurement cannot become a text.</summary>
    private int Zero(in Field field)
    {
        _scratch.Counts[_policy.Card!.Index]++;
        var mark = _scratch.Mark();
        _scratch.Insert([0, 0, 0, 0, 0, 0, 0, 0]);
        return _scratch.Replace(field.End - 8, 8, mark);
    }

    /// <summary>A field that we do not know goes when it holds what a rule finds: there is no telling how to mask it and stay valid.</summary>
    private int Unknown(in Field field)
    {
        var reader = new WireReader(_data[field.Start..field.End]);
        if (!reader.TryReadField() || !UnknownMatches(ref reader, 0))
        {
            return 0;
        }

        return Drop(field, _policy.UnknownField);
    }

    private readonly int Drop(in Field field, int rule)
    {
        _scratch.Counts[rule]++;
        return _scratch.Replace(field.Start, field.End - field.Start, _scratch.Mark());
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

    /// <summary>Where a field stands in the request, and what it is.</summary>
    private struct Field
    {
        public int Start;
        public int Tag;
        public int Content;
        public int End;
        public int Number;
        public WireType WireType;
        public ulong Value;
    }
}
