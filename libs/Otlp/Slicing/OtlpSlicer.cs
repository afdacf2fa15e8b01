using System.Buffers;
using StellaOps.Telemetry.Otlp.Fields;
using StellaOps.Telemetry.Otlp.Schema;
using StellaOps.Telemetry.Otlp.Wire;

namespace StellaOps.Telemetry.Otlp;

/// <summary>
/// Cuts records out of an Export request. Kept records, and every other field of the containers they stand in, known or not, are
/// copied byte for byte; containers without a kept record are left out; the lengths of the others are written anew.
/// </summary>
public static class OtlpSlicer
{
    /// <summary>
    /// Writes a request with only the records at these indexes (ascending, wire order). False, and nothing is written, when the request
    /// is malformed or has no record at one of them.
    /// </summary>
    public static bool Slice(OtlpSignal signal, ReadOnlySpan<byte> request, ReadOnlySpan<int> ascendingIndexes, IBufferWriter<byte> output) =>
        Slice(signal, request, ascendingIndexes, default, output);

    /// <summary>As above, and appends attributes to the records kept.</summary>
    /// <param name="attributes">None, one set for all, or one for each index; null adds nothing to its record.</param>
    public static bool Slice(OtlpSignal signal, ReadOnlySpan<byte> request, ReadOnlySpan<int> ascendingIndexes, ReadOnlySpan<AttributeSet?> attributes, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (attributes.Length > 1 && attributes.Length != ascendingIndexes.Length)
        {
            throw new ArgumentException("One attribute set for all records or one for each is expected.", nameof(attributes));
        }

        var root = OtlpSchema.RequestOf(signal);
        var cursor = new Cursor(ascendingIndexes, attributes);
        if (root == OtlpMessage.None || !TryMeasure(root, request, ref cursor, out var length) || cursor.Kept != ascendingIndexes.Length)
        {
            return false;
        }

        cursor = new Cursor(ascendingIndexes, attributes);
        var writer = new WireWriter(output.GetSpan(Math.Max(length, 1))[..length]);
        Write(root, request, ref cursor, ref writer);
        output.Advance(writer.Written);
        return true;
    }

    // Each level measures its children and then writes them, so a byte is looked at no more than five times and nothing is held.
    private static bool TryMeasure(OtlpMessage message, ReadOnlySpan<byte> content, ref Cursor cursor, out int length)
    {
        length = 0;
        var reader = new WireReader(content);
        while (reader.TryReadField())
        {
            var child = ChildOf(message, reader.FieldNumber);
            if (child == OtlpMessage.None)
            {
                length += reader.Field.Length;
                continue;
            }

            if (reader.WireType != WireType.LengthDelimited)
            {
                return false;
            }

            if (OtlpSchema.IsRecord(child))
            {
                if (cursor.Next(out var set))
                {
                    length += set is null
                        ? reader.Field.Length
                        : WireSize.LengthDelimited(reader.FieldNumber, reader.Content.Length + set.MeasureAs(OtlpSchema.AttributesOf(child)));
                }

                continue;
            }

            var kept = cursor.Kept;
            if (!TryMeasure(child, reader.Content, ref cursor, out var childLength))
            {
                return false;
            }

            if (cursor.Kept > kept)
            {
                length += WireSize.LengthDelimited(reader.FieldNumber, childLength);
            }
        }

        return !reader.IsMalformed;
    }

    private static void Write(OtlpMessage message, ReadOnlySpan<byte> content, ref Cursor cursor, ref WireWriter writer)
    {
        var reader = new WireReader(content);
        while (reader.TryReadField())
        {
            var child = ChildOf(message, reader.FieldNumber);
            if (child == OtlpMessage.None)
            {
                writer.WriteRaw(reader.Field);
            }
            else if (OtlpSchema.IsRecord(child))
            {
                if (cursor.Next(out var set))
                {
                    WriteRecord(child, in reader, set, ref writer);
                }
            }
            else
            {
                var ahead = cursor;
                if (TryMeasure(child, reader.Content, ref ahead, out var length) && ahead.Kept > cursor.Kept)
                {
                    writer.WriteHeader(reader.FieldNumber, length);
                    Write(child, reader.Content, ref cursor, ref writer);
                }
                else
                {
                    cursor = ahead;
                }
            }
        }
    }

    private static void WriteRecord(OtlpMessage message, in WireReader reader, AttributeSet? set, ref WireWriter writer)
    {
        if (set is null)
        {
            writer.WriteRaw(reader.Field);
            return;
        }

        var attributes = OtlpSchema.AttributesOf(message);
        writer.WriteHeader(reader.FieldNumber, reader.Content.Length + set.MeasureAs(attributes));
        writer.WriteRaw(reader.Content);
        set.WriteAs(attributes, ref writer);
    }

    // The child message if the field lies on the way to records, else None: it is copied.
    private static OtlpMessage ChildOf(OtlpMessage message, int field) => (message, field) switch
    {
        (OtlpMessage.TracesRequest, ContainerFields.Request.ResourceGroups) => OtlpMessage.ResourceSpans,
        (OtlpMessage.ResourceSpans, ContainerFields.ResourceGroup.ScopeGroups) => OtlpMessage.ScopeSpans,
        (OtlpMessage.ScopeSpans, ContainerFields.ScopeGroup.Records) => OtlpMessage.Span,
        (OtlpMessage.LogsRequest, ContainerFields.Request.ResourceGroups) => OtlpMessage.ResourceLogs,
        (OtlpMessage.ResourceLogs, ContainerFields.ResourceGroup.ScopeGroups) => OtlpMessage.ScopeLogs,
        (OtlpMessage.ScopeLogs, ContainerFields.ScopeGroup.Records) => OtlpMessage.LogRecord,
        (OtlpMessage.MetricsRequest, ContainerFields.Request.ResourceGroups) => OtlpMessage.ResourceMetrics,
        (OtlpMessage.ResourceMetrics, ContainerFields.ResourceGroup.ScopeGroups) => OtlpMessage.ScopeMetrics,
        (OtlpMessage.ScopeMetrics, ContainerFields.ScopeGroup.Records) => OtlpMessage.Metric,
        (OtlpMessage.Metric, _) => OtlpSchema.Find(message, field) is { Repeated: false } found ? found.Message : OtlpMessage.None,
        (OtlpMessage.Gauge or OtlpMessage.Sum or OtlpMessage.Histogram or OtlpMessage.ExponentialHistogram or OtlpMessage.Summary, MetricsFields.Data.DataPoints)
            => OtlpSchema.Find(message, field)!.Message,
        _ => OtlpMessage.None,
    };

    private ref struct Cursor(ReadOnlySpan<int> indexes, ReadOnlySpan<AttributeSet?> attributes)
    {
        private readonly ReadOnlySpan<int> _indexes = indexes;
        private readonly ReadOnlySpan<AttributeSet?> _attributes = attributes;
        private int _record;

        public int Kept { get; private set; }

        public bool Next(out AttributeSet? set)
        {
            set = null;
            if (Kept >= _indexes.Length || _indexes[Kept] != _record++)
            {
                return false;
            }

            set = _attributes.Length switch { 0 => null, 1 => _attributes[0], _ => _attributes[Kept] };
            Kept++;
            return true;
        }
    }
}
