using Google.Protobuf.Reflection;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Collector.Trace.V1;
using StellaOps.Telemetry.Otlp.Schema;
using StellaOps.Telemetry.Tests.Shared.Otlp;

namespace StellaOps.Telemetry.Otlp.Tests.Schema;

public sealed class OtlpSchemaTests
{
    public static TheoryData<OtlpSignal> Signals => Oracle.Signals;

    [Theory]
    [MemberData(nameof(Signals))]
    public void Table_AgainstDescriptors_IsTheSame(OtlpSignal signal)
    {
        var descriptor = signal switch
        {
            OtlpSignal.Traces => ExportTraceServiceRequest.Descriptor,
            OtlpSignal.Metrics => ExportMetricsServiceRequest.Descriptor,
            _ => ExportLogsServiceRequest.Descriptor,
        };
        Compare(OtlpSchema.RequestOf(signal), descriptor, []);
    }

    private static void Compare(OtlpMessage message, MessageDescriptor descriptor, HashSet<OtlpMessage> seen)
    {
        if (!seen.Add(message))
        {
            return;
        }

        var ours = OtlpSchema.FieldsOf(message).ToArray().Select(f => (f.Number, f.JsonName, Type: Describe(f.Type), f.Repeated)).ToList();
        var theirs = descriptor.Fields.InFieldNumberOrder().Select(f => (f.FieldNumber, f.JsonName, Type: f.FieldType, f.IsRepeated)).ToList();
        Assert.Equal(theirs, ours);
        foreach (var field in descriptor.Fields.InFieldNumberOrder())
        {
            var own = OtlpSchema.Find(message, field.FieldNumber)!;
            Assert.Equal(field.HasPresence, own.Optional);
            if (field.FieldType == FieldType.Message)
            {
                Compare(own.Message, field.MessageType, seen);
            }
        }
    }

    private static FieldType Describe(OtlpFieldType type) => type switch
    {
        OtlpFieldType.TraceId or OtlpFieldType.SpanId => FieldType.Bytes,
        OtlpFieldType.SpanKind or OtlpFieldType.StatusCode or OtlpFieldType.SeverityNumber or OtlpFieldType.AggregationTemporality => FieldType.Enum,
        _ => Enum.Parse<FieldType>(type.ToString()),
    };
}
