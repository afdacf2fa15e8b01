using System.Text;
using StellaOps.Telemetry.Otlp.Schema;
using StellaOps.Telemetry.Otlp.Wire;
using StellaOps.Telemetry.Redaction.Keys;

namespace StellaOps.Telemetry.Redaction;

internal ref partial struct RedactionWalk
{
    /// <summary>The number of the attributes of a message that gets a summary; 0 for the others.</summary>
    private static int SummaryField(OtlpMessage message) => message switch
    {
        OtlpMessage.Resource => 1,
        OtlpMessage.InstrumentationScope => 3,
        OtlpMessage.LogRecord => 6,
        OtlpMessage.Span => 9,
        _ => 0,
    };

    /// <summary>Walks a message that gets a summary of what was redacted in it. In metrics there is none: it would make new series.</summary>
    private int Summarised(in Field field, OtlpMessage message, int depth)
    {
        var notes = _scratch.Notes;
        notes.Begin();
        _isSummarised = true;
        var slot = _scratch.Reserve();
        var delta = Message(field.Content, field.End, message, depth + 1);
        _isSummarised = false;
        if (notes.Masked == 0 && notes.Dropped == 0)
        {
            KeepSummary(slot);
        }
        else
        {
            delta += WriteSummary(field.End, SummaryField(message));
        }

        return Close(field, slot, delta);
    }

    /// <summary>Nothing new to say: what stands there stays.</summary>
    private readonly void KeepSummary(int slot)
    {
        var notes = _scratch.Notes;
        if (_scratch.EditCount == slot + 1 + notes.FoundCount)
        {
            _scratch.Rollback(slot + 1);
            return;
        }

        foreach (var found in notes.Found)
        {
            if (found.Slot > 0)
            {
                _scratch.SetNothing(found.Slot, found.Start);
            }
        }
    }

    /// <summary>Takes an attribute of an earlier summary along, to add to it; one that does not look like ours goes.</summary>
    private int FoundSummary(in Field field, int index)
    {
        var notes = _scratch.Notes;
        var isCount = index is SummaryKeys.MaskedCount or SummaryKeys.RedactedCount;
        if (notes.Found[index].Slot > 0 || !TryReadSummary(field, isCount, out var count, out var textStart, out var textLength))
        {
            return Drop(field, _policy.UnknownField);
        }

        notes.FoundCount++;
        notes.Found[index] = (_scratch.Reserve(), field.Start, field.End, count, textStart, textLength);
        return 0;
    }

    private readonly bool TryReadSummary(in Field field, bool isCount, out long count, out int textStart, out int textLength)
    {
        count = 0;
        textStart = textLength = 0;
        var data = _data[..field.End];
        var at = field.Content + 1;
        if (!Varint.TryReadLength(data, ref at, out var key))
        {
            return false;
        }

        at += key;
        if (at >= field.End || data[at++] != ValueTag || !Varint.TryReadLength(data, ref at, out var length) || length < 2 || at + length != field.End)
        {
            return false;
        }

        if (isCount)
        {
            var isRead = data[at++] == IntTag && Varint.TryRead(data, ref at, out var value) && at == field.End && (count = (long)value) >= 0;
            return isRead && count <= int.MaxValue;
        }

        if (data[at++] != TextTag || !Varint.TryReadLength(data, ref at, out textLength) || at + textLength != field.End)
        {
            return false;
        }

        textStart = at;
        return !_text.Matches(data[at..]);
    }

    private readonly int WriteSummary(int end, int fieldNumber)
    {
        var notes = _scratch.Notes;
        var delta = 0;
        var mark = _scratch.Mark();
        foreach (var found in notes.Found)
        {
            if (found.Slot > 0)
            {
                // Set again below where it goes.
                _scratch.SetNothing(found.Slot, found.Start);
            }
        }

        if (notes.Masked > 0)
        {
            delta += WriteKeys(SummaryKeys.MaskedKeys, fieldNumber, isDropped: false);
            delta += WriteCount(SummaryKeys.MaskedCount, fieldNumber, notes.Masked);
        }

        if (notes.Dropped > 0)
        {
            delta += WriteKeys(SummaryKeys.RedactedKeys, fieldNumber, isDropped: true);
            delta += WriteCount(SummaryKeys.RedactedCount, fieldNumber, notes.Dropped);
        }

        return delta + _scratch.Replace(end, 0, mark);
    }

    private readonly int WriteCount(int index, int fieldNumber, long count)
    {
        var delta = TakeFound(index, out var found);
        count = Math.Min(count + found.Count, int.MaxValue);
        Span<byte> value = stackalloc byte[6];
        var writer = new WireWriter(value);
        writer.WriteRaw([IntTag]);
        writer.WriteVarint((ulong)count);
        WriteAttribute(index, fieldNumber, value[..writer.Written]);
        return delta;
    }

    /// <summary>Sorted and parted by commas, as the Collector's. Without it where keys side by side make up what a rule finds.</summary>
    private readonly int WriteKeys(int index, int fieldNumber, bool isDropped)
    {
        if (_policy.Summary != RedactionSummary.Debug)
        {
            return 0;
        }

        var delta = TakeFound(index, out var found);
        var keys = new SortedSet<string>(StringComparer.Ordinal);
        if (found.TextLength > 0)
        {
            keys.UnionWith(Encoding.UTF8.GetString(_data.Slice(found.TextStart, found.TextLength)).Split(','));
        }

        foreach (var (start, length, wasDropped) in _scratch.Notes.Keys)
        {
            if (wasDropped == isDropped)
            {
                keys.Add(Encoding.UTF8.GetString(_data.Slice(start, length)));
            }
        }

        var list = Encoding.UTF8.GetBytes(string.Join(',', keys));
        if (list.Length > 0 && !_text.Matches(list))
        {
            var value = new byte[WireSize.LengthDelimited(1, list.Length)];
            var writer = new WireWriter(value);
            writer.WriteField(1, list);
            WriteAttribute(index, fieldNumber, value);
        }

        return delta;
    }

    private readonly int TakeFound(int index, out (int Slot, int Start, int End, long Count, int TextStart, int TextLength) found)
    {
        found = _scratch.Notes.Found[index];
        return found.Slot == 0 ? 0 : _scratch.SetRemoval(found.Slot, found.Start, found.End - found.Start);
    }

    private readonly void WriteAttribute(int index, int fieldNumber, ReadOnlySpan<byte> value)
    {
        var key = SummaryKeys.Name(index);
        _scratch.Insert([(byte)((fieldNumber << 3) | (int)WireType.LengthDelimited)]);
        _scratch.AppendVarint((uint)(WireSize.LengthDelimited(1, key.Length) + WireSize.LengthDelimited(2, value.Length)));
        _scratch.Insert([KeyTag]);
        _scratch.AppendVarint((uint)key.Length);
        _scratch.Insert(key);
        _scratch.Insert([ValueTag]);
        _scratch.AppendVarint((uint)value.Length);
        _scratch.Insert(value);
    }
}
