using System.Buffers;
using StellaOps.Telemetry.Redaction.Keys;
using StellaOps.Telemetry.Redaction.Scanning;

namespace StellaOps.Telemetry.Redaction;

/// <summary>Working memory of one redaction at a time, kept per thread: the list of edits, the bytes they insert, and buffers to rewrite one text in.</summary>
internal sealed class RedactionScratch
{
    // What one thread keeps between requests; a larger request gives its buffers back.
    private const int KeptBytes = 256 * 1024;
    private const int KeptEdits = 16 * 1024;

    private Edit[] _edits = new Edit[256];
    private byte[] _inserted = new byte[4096];
    private int _insertedLength;
    private long[] _counts = [];
    private int _rules;
    private CompiledPolicy? _policy;

    public int EditCount { get; private set; }

    public ArrayBufferWriter<byte> Source { get; private set; } = new(1024);

    public ArrayBufferWriter<byte> Target { get; private set; } = new(1024);

    /// <summary>Verdicts of keys under the policy of this redaction.</summary>
    public KeyCache Keys { get; private set; } = new();

    /// <summary>Texts in which no rule of this policy finds anything although they look like it.</summary>
    public CleanTexts CleanTexts { get; private set; } = new();

    public RedactionNotes Notes { get; } = new();

    public PatternText Pattern { get; } = new();

    public Span<long> Counts => _counts.AsSpan(0, _rules);

    public void Begin(CompiledPolicy policy)
    {
        if (!ReferenceEquals(policy, _policy))
        {
            _policy = policy;
            Keys = new KeyCache();
            CleanTexts = new CleanTexts();
        }

        var rules = policy.Rules.Count;
        EditCount = 0;
        _insertedLength = 0;
        _rules = rules;
        if (_counts.Length < rules)
        {
            _counts = new long[rules];
        }

        Counts.Clear();
    }

    /// <summary>Clears what may hold personal data and gives back what grew too large.</summary>
    public void End()
    {
        if (Source.Capacity > KeptBytes || Target.Capacity > KeptBytes)
        {
            Source = new ArrayBufferWriter<byte>(1024);
            Target = new ArrayBufferWriter<byte>(1024);
        }
        else
        {
            Source.Clear();
            Target.Clear();
        }

        if (_inserted.Length > KeptBytes)
        {
            _inserted = new byte[4096];
        }
        else
        {
            _inserted.AsSpan(0, _insertedLength).Clear();
        }

        Pattern.Clear();
        if (_edits.Length > KeptEdits)
        {
            _edits = new Edit[256];
        }
    }

    public void SwapTexts() => (Source, Target) = (Target, Source);

    /// <summary>Makes room for the edit of a length prefix before the edits inside the message are known.</summary>
    public int Reserve()
    {
        if (EditCount == _edits.Length)
        {
            Array.Resize(ref _edits, _edits.Length * 2);
        }

        return EditCount++;
    }

    public void Rollback(int count) => EditCount = count;

    /// <summary>Fills a reserved edit with a new length; gives the change in size.</summary>
    public int SetLength(int index, int offset, int oldLength, int value)
    {
        var start = _insertedLength;
        AppendVarint((uint)value);
        _edits[index] = new Edit(offset, oldLength, start, _insertedLength - start);
        return _insertedLength - start - oldLength;
    }

    /// <summary>A fill that changes nothing, for a message whose inner edits leave its length as it was.</summary>
    public void SetNothing(int index, int offset) => _edits[index] = new Edit(offset, 0, 0, 0);

    /// <summary>Fills a reserved edit so that bytes go; gives the change in size.</summary>
    public int SetRemoval(int index, int offset, int length)
    {
        _edits[index] = new Edit(offset, length, 0, 0);
        return -length;
    }

    /// <summary>Replaces bytes of the request by what <see cref="Insert"/> and <see cref="AppendVarint"/> appended since <paramref name="mark"/>.</summary>
    public int Replace(int offset, int oldLength, int mark)
    {
        // Reserve may replace the array, so it comes before the array is read.
        var index = Reserve();
        _edits[index] = new Edit(offset, oldLength, mark, _insertedLength - mark);
        return _insertedLength - mark - oldLength;
    }

    public int Mark() => _insertedLength;

    public void Insert(ReadOnlySpan<byte> bytes)
    {
        Grow(bytes.Length);
        bytes.CopyTo(_inserted.AsSpan(_insertedLength));
        _insertedLength += bytes.Length;
    }

    public void AppendVarint(uint value)
    {
        Grow(5);
        while (value >= 0x80)
        {
            _inserted[_insertedLength++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _inserted[_insertedLength++] = (byte)value;
    }

    /// <summary>Writes the request with all edits made; <paramref name="length"/> is what it will have.</summary>
    public void Apply(ReadOnlySpan<byte> request, IBufferWriter<byte> output, int length)
    {
        var destination = output.GetSpan(length);
        var position = 0;
        var written = 0;
        foreach (ref readonly var edit in _edits.AsSpan(0, EditCount))
        {
            var kept = request[position..edit.Offset];
            kept.CopyTo(destination[written..]);
            written += kept.Length;
            var inserted = _inserted.AsSpan(edit.InsertedStart, edit.InsertedLength);
            inserted.CopyTo(destination[written..]);
            written += inserted.Length;
            position = edit.Offset + edit.OldLength;
        }

        var rest = request[position..];
        rest.CopyTo(destination[written..]);
        output.Advance(written + rest.Length);
    }

    private void Grow(int by)
    {
        if (_insertedLength + by > _inserted.Length)
        {
            Array.Resize(ref _inserted, Math.Max(_inserted.Length * 2, _insertedLength + by));
        }
    }

    private readonly record struct Edit(int Offset, int OldLength, int InsertedStart, int InsertedLength);
}
