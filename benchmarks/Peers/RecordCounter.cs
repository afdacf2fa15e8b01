namespace StellaOps.Telemetry.Benchmarks.Peers;

/// <summary>
/// Counts the records of Export requests as their bytes come by, in pieces of any size, without collecting them: follows the lengths of
/// nested messages down to the records and passes over everything else.
/// </summary>
internal struct RecordCounter(bool isMetrics, int prefixBytes)
{
    private const int MaxDepth = 5;

    // Resource 1, scope 2, record 2; of metrics: any kind of data (5, 7, 9, 10, 11), data point 1.
    private readonly int _recordDepth = isMetrics ? 4 : 2;
    private Ends _ends;
    private long _position = -prefixBytes;
    private long _skip = prefixBytes;
    private int _depth;
    private ulong _varint;
    private int _shift;
    private Expected _expected = Expected.Tag;
    private int _field;

    private enum Expected : byte
    {
        Tag,
        Length,
        Value,
    }

    public long Records { get; private set; }

    /// <summary>The request ended where a message ends.</summary>
    public readonly bool IsWhole => _skip == 0 && _expected == Expected.Tag && _shift == 0;

    public void Feed(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        while (at < bytes.Length)
        {
            if (_skip > 0)
            {
                var count = (int)Math.Min(_skip, bytes.Length - at);
                (at, _position, _skip) = (at + count, _position + count, _skip - count);
                continue;
            }

            var b = bytes[at++];
            _position++;
            _varint |= (ulong)(b & 0x7F) << _shift;
            _shift += 7;
            if ((b & 0x80) == 0)
            {
                var value = _varint;
                (_varint, _shift) = (0, 0);
                Take(value);
            }
        }
    }

    private void Take(ulong value)
    {
        switch (_expected)
        {
            case Expected.Tag:
                LeaveFinished();
                _field = (int)(value >> 3);
                (_expected, _skip) = (value & 7) switch
                {
                    0 => (Expected.Value, 0),
                    1 => (Expected.Tag, 8),
                    2 => (Expected.Length, 0),
                    5 => (Expected.Tag, 4),
                    _ => throw new InvalidDataException("no protobuf"),
                };
                break;
            case Expected.Length:
                _expected = Expected.Tag;
                Enter((long)value);
                break;
            default:
                _expected = Expected.Tag;
                break;
        }
    }

    /// <summary>The tag just read began at the position before it: messages that ended there are left.</summary>
    private void LeaveFinished()
    {
        while (_depth > 0 && _ends[_depth - 1] < _position)
        {
            _depth--;
        }
    }

    private void Enter(long length)
    {
        if (!IsOnPath())
        {
            _skip = length;
        }
        else if (_depth == _recordDepth)
        {
            Records++;
            _skip = length;
        }
        else
        {
            _ends[_depth++] = _position + length;
        }
    }

    private readonly bool IsOnPath() => _depth switch
    {
        0 => _field == 1,
        1 or 2 => _field == 2,
        3 => _field is 5 or 7 or 9 or 10 or 11,
        _ => _field == 1,
    };

    [System.Runtime.CompilerServices.InlineArray(MaxDepth)]
    private struct Ends
    {
        private long _first;
    }
}
