using System.Buffers.Binary;
using StellaOps.Telemetry.Otlp.Schema;
using StellaOps.Telemetry.Otlp.Wire;

namespace StellaOps.Telemetry.Otlp;

/// <summary>
/// The times of records: start, end and events of spans, time and observed time of log records, start and time of data points, and their
/// exemplars. All are <c>fixed64</c>, so they are changed where they stand and no other byte moves.
/// </summary>
public static class RecordTimes
{
    private const string Suffix = "UnixNano";

    // By message and number; the times of a message, and the messages below it that have any.
    private static readonly bool[][] s_times = Build(f => f.Type == OtlpFieldType.Fixed64 && f.JsonName.EndsWith(Suffix, StringComparison.Ordinal));
    private static readonly bool[][] s_ways = BuildWays();

    /// <summary>
    /// Adds to every time of an Export request. A time of 0 is none, and stays. False when the request is malformed or a time would be no
    /// time any more (before 1970 or after 2262): the bytes are then of no use.
    /// </summary>
    /// <param name="nanoseconds">May be negative.</param>
    public static bool TryShift(OtlpSignal signal, Span<byte> request, long nanoseconds) =>
        OtlpSchema.RequestOf(signal) is not OtlpMessage.None and var root && TryShift(root, request, nanoseconds);

    private static bool TryShift(OtlpMessage message, Span<byte> content, long nanoseconds)
    {
        var (times, ways) = (s_times[(int)message], s_ways[(int)message]);
        var reader = new WireReader(content);
        while (reader.TryReadField())
        {
            var number = reader.FieldNumber;
            if (number >= times.Length)
            {
                continue;
            }

            if (times[number] && reader.WireType == WireType.Fixed64 && reader.Value != 0)
            {
                var shifted = (Int128)reader.Value + nanoseconds;
                if (shifted <= 0 || shifted > long.MaxValue)
                {
                    return false;
                }

                BinaryPrimitives.WriteUInt64LittleEndian(content[(reader.FieldEnd - sizeof(ulong))..], (ulong)shifted);
            }
            else if (ways[number] && reader.WireType == WireType.LengthDelimited
                && !TryShift(OtlpSchema.Find(message, number)!.Message, content[reader.ContentStart..reader.FieldEnd], nanoseconds))
            {
                return false;
            }
        }

        return !reader.IsMalformed;
    }

    private static bool[][] Build(Func<OtlpField, bool> predicate)
    {
        var table = new bool[Enum.GetValues<OtlpMessage>().Length][];
        foreach (var message in Enum.GetValues<OtlpMessage>())
        {
            var fields = message == OtlpMessage.None ? [] : OtlpSchema.FieldsOf(message);
            var row = new bool[fields.IsEmpty ? 0 : fields[^1].Number + 1];
            foreach (var field in fields)
            {
                row[field.Number] = predicate(field);
            }

            table[(int)message] = row;
        }

        return table;
    }

    /// <summary>Whether a field leads to a time: found from the bottom up, until nothing new is. Attributes lead to none, though they nest.</summary>
    private static bool[][] BuildWays()
    {
        var leads = new HashSet<OtlpMessage>(Enum.GetValues<OtlpMessage>().Where(m => s_times[(int)m].Contains(true)));
        int before;
        do
        {
            before = leads.Count;
            foreach (var message in Enum.GetValues<OtlpMessage>().Where(m => m != OtlpMessage.None))
            {
                foreach (var field in OtlpSchema.FieldsOf(message))
                {
                    if (leads.Contains(field.Message))
                    {
                        leads.Add(message);
                    }
                }
            }
        }
        while (leads.Count > before);
        return Build(f => leads.Contains(f.Message));
    }
}
