using System.Buffers;
using StellaOps.Telemetry.Otlp.Fields;
using StellaOps.Telemetry.Otlp.Wire;

namespace StellaOps.Telemetry.Otlp;

/// <summary>
/// The canonical form of a record: an Export request with one resource, one scope and that record, a data point inside its metric's
/// header. Each part is copied byte for byte; lengths are minimal; resource and scope are written even when empty, schema urls when
/// not. What a sender put into the containers beside these (fields of a later specification) is not part of the record. The frame of
/// a frame's record is that frame.
/// </summary>
public static class CanonicalFrame
{
    /// <summary>Length of the record's frame.</summary>
    public static int Measure(in OtlpRecord record) => WireSize.LengthDelimited(ContainerFields.Request.ResourceGroups, ResourceGroupLength(in record));

    /// <summary>Writes the record's frame.</summary>
    public static void Write(in OtlpRecord record, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        var length = Measure(in record);
        var writer = new WireWriter(output.GetSpan(length)[..length]);
        writer.WriteHeader(ContainerFields.Request.ResourceGroups, ResourceGroupLength(in record));
        writer.WriteField(ContainerFields.ResourceGroup.Resource, record.Resource);
        writer.WriteHeader(ContainerFields.ResourceGroup.ScopeGroups, ScopeGroupLength(in record));
        writer.WriteField(ContainerFields.ScopeGroup.Scope, record.Scope);
        if (record.Metric.DataField == 0)
        {
            writer.WriteField(ContainerFields.ScopeGroup.Records, record.Record);
        }
        else
        {
            writer.WriteHeader(ContainerFields.ScopeGroup.Records, MetricLength(in record));
            writer.WriteRaw(record.Metric.Before);
            writer.WriteHeader(record.Metric.DataField, DataLength(in record));
            writer.WriteRaw(record.Metric.DataBefore);
            writer.WriteField(MetricsFields.Data.DataPoints, record.Record);
            writer.WriteRaw(record.Metric.DataAfter);
            writer.WriteRaw(record.Metric.After);
        }

        if (!record.ScopeSchemaUrl.IsEmpty)
        {
            writer.WriteField(ContainerFields.ScopeGroup.SchemaUrl, record.ScopeSchemaUrl);
        }

        if (!record.ResourceSchemaUrl.IsEmpty)
        {
            writer.WriteField(ContainerFields.ResourceGroup.SchemaUrl, record.ResourceSchemaUrl);
        }

        output.Advance(writer.Written);
    }

    /// <summary>What a frame is ordered by; false when the bytes are no request with exactly one record.</summary>
    public static bool TryReadKey(OtlpSignal signal, ReadOnlySpan<byte> frame, out FrameKey key)
    {
        key = default;
        var reader = new RecordReader(signal, frame);
        if (!reader.TryRead(out var record))
        {
            return false;
        }

        key = FrameKey.Create(record.EventTimeUnixNano, record.TraceId, record.SpanId);
        return !reader.TryRead(out _) && !reader.IsMalformed;
    }

    /// <summary>What the record's frame is ordered by.</summary>
    public static FrameKey KeyOf(in OtlpRecord record) => FrameKey.Create(record.EventTimeUnixNano, record.TraceId, record.SpanId);

    /// <summary>The total order: keys, then bytes.</summary>
    public static int Compare(FrameKey leftKey, ReadOnlySpan<byte> left, FrameKey rightKey, ReadOnlySpan<byte> right)
    {
        var order = leftKey.CompareTo(rightKey);
        return order != 0 ? order : left.SequenceCompareTo(right);
    }

    private static int ResourceGroupLength(in OtlpRecord record) =>
        WireSize.LengthDelimited(ContainerFields.ResourceGroup.Resource, record.Resource.Length)
        + WireSize.LengthDelimited(ContainerFields.ResourceGroup.ScopeGroups, ScopeGroupLength(in record))
        + SchemaUrlLength(record.ResourceSchemaUrl);

    private static int ScopeGroupLength(in OtlpRecord record) =>
        WireSize.LengthDelimited(ContainerFields.ScopeGroup.Scope, record.Scope.Length)
        + WireSize.LengthDelimited(ContainerFields.ScopeGroup.Records, record.Metric.DataField == 0 ? record.Record.Length : MetricLength(in record))
        + SchemaUrlLength(record.ScopeSchemaUrl);

    private static int MetricLength(in OtlpRecord record) =>
        record.Metric.Before.Length + WireSize.LengthDelimited(record.Metric.DataField, DataLength(in record)) + record.Metric.After.Length;

    private static int DataLength(in OtlpRecord record) =>
        record.Metric.DataBefore.Length + WireSize.LengthDelimited(MetricsFields.Data.DataPoints, record.Record.Length) + record.Metric.DataAfter.Length;

    private static int SchemaUrlLength(ReadOnlySpan<byte> url) => url.IsEmpty ? 0 : WireSize.LengthDelimited(ContainerFields.ResourceGroup.SchemaUrl, url.Length);
}
