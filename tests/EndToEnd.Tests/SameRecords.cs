using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;
using OpenTelemetry.Proto.Metrics.V1;
using OpenTelemetry.Proto.Resource.V1;
using OpenTelemetry.Proto.Trace.V1;

namespace StellaOps.Telemetry.EndToEnd.Tests;

/// <summary>Requests of some senders, the same bytes each time: what is the same record wherever it is sent.</summary>
internal static class SameRecords
{
    public const int Senders = 3;
    public const int Requests = 6;
    public const int RecordsPerRequest = 25;

    private const ulong Start = 1_760_000_000_000_000_000;

    /// <summary>A sender's requests by signal, in the order it sends them. Traces are not split across senders.</summary>
    public static IEnumerable<(string Signal, byte[] Body)> Of(int sender)
    {
        for (var request = 0; request < Requests; request++)
        {
            var number = (sender * Requests) + request;
            yield return ("traces", Traces(sender, number));
            yield return ("logs", Logs(sender, number));
            yield return ("metrics", Metrics(sender, number));
        }
    }

    private static byte[] Traces(int sender, int number)
    {
        var scope = new ScopeSpans { Scope = new InstrumentationScope { Name = "same" } };
        for (var i = 0; i < RecordsPerRequest; i++)
        {
            scope.Spans.Add(new Span { TraceId = Id(16, sender, i % 5), SpanId = Id(8, number, i), Name = "step " + i, StartTimeUnixNano = TimeOf(number, i), EndTimeUnixNano = TimeOf(number, i) + 1000 });
        }

        return new ExportTraceServiceRequest { ResourceSpans = { new ResourceSpans { Resource = ResourceOf(sender), ScopeSpans = { scope } } } }.ToByteArray();
    }

    private static byte[] Logs(int sender, int number)
    {
        var scope = new ScopeLogs();
        for (var i = 0; i < RecordsPerRequest; i++)
        {
            // Two identical lines in each request: genuine ones.
            scope.LogRecords.Add(new LogRecord { TimeUnixNano = TimeOf(number, i / 2), Body = new AnyValue { StringValue = $"line {number} {i / 2}" } });
        }

        return new ExportLogsServiceRequest { ResourceLogs = { new ResourceLogs { Resource = ResourceOf(sender), ScopeLogs = { scope } } } }.ToByteArray();
    }

    private static byte[] Metrics(int sender, int number)
    {
        var gauge = new Gauge();
        for (var i = 0; i < RecordsPerRequest; i++)
        {
            gauge.DataPoints.Add(new NumberDataPoint { TimeUnixNano = TimeOf(number, i), AsInt = i });
        }

        var scope = new ScopeMetrics { Metrics = { new Metric { Name = "queue", Gauge = gauge } } };
        return new ExportMetricsServiceRequest { ResourceMetrics = { new ResourceMetrics { Resource = ResourceOf(sender), ScopeMetrics = { scope } } } }.ToByteArray();
    }

    private static Resource ResourceOf(int sender) => new() { Attributes = { new KeyValue { Key = "service.name", Value = new AnyValue { StringValue = "service-" + sender } } } };

    // Senders' times lie among each other's.
    private static ulong TimeOf(int number, int i) => Start + (ulong)((((number * 7) + (i * 13)) % 97) * 1_000_000);

    private static ByteString Id(int length, int first, int second)
    {
        var id = new byte[length];
        (id[0], id[1], id[^1]) = (0x51, (byte)(first + 1), (byte)(second + 1));
        return ByteString.CopyFrom(id);
    }
}
