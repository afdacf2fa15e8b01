using System.Globalization;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;

namespace StellaOps.Telemetry.Benchmarks.Load;

/// <summary>Requests of 100 log records with a text body and ten attributes each, one in twenty bodies with personal data.</summary>
public static class LogLoad
{
    public const int RecordsPerRequest = 100;

    public static RequestTemplate Create(int variation)
    {
        var shapes = new Shapes(1000 + variation);
        var scope = new ScopeLogs { Scope = new InstrumentationScope { Name = "example.shop.store.JdbcRepository" } };
        for (var i = 0; i < RecordsPerRequest; i++)
        {
            scope.LogRecords.Add(NewRecord(shapes, i));
        }

        var request = new ExportLogsServiceRequest
        {
            ResourceLogs = { new ResourceLogs { Resource = Attributes.Resource(shapes, "checkout"), ScopeLogs = { scope } } },
        };
        return Places.OfLogs(request.ToByteArray());
    }

    private static LogRecord NewRecord(Shapes shapes, int index)
    {
        var text = $"{shapes.Noun()} {shapes.Uuid()} handled: {shapes.Words(90)} in {shapes.Number(900)} ms";
        var record = new LogRecord
        {
            TimeUnixNano = 1,
            ObservedTimeUnixNano = 1,
            SeverityNumber = SeverityNumber.Info,
            SeverityText = "INFO",
            Body = new AnyValue { StringValue = index % 20 == 0 ? $"{text} for {shapes.Personal(index / 20).Value.StringValue}" : text },
            TraceId = ByteString.CopyFrom(new byte[16]),
            SpanId = ByteString.CopyFrom(new byte[8]),
        };
        record.Attributes.Add(
        [
            Shapes.Text("code.function.name", "example.shop.store.JdbcRepository.findOpen"),
            Shapes.Text("code.file.path", "src/main/java/example/shop/store/JdbcRepository.java"),
            Shapes.Int("code.line.number", shapes.Number(900)),
            Shapes.Text("thread.name", "worker-" + shapes.Number(64).ToString(CultureInfo.InvariantCulture)),
            Shapes.Int("thread.id", shapes.Number(200)),
            Shapes.Text("log.logger", "example.shop.store.JdbcRepository"),
            Shapes.Text("app.request.id", shapes.Uuid()),
            Shapes.Text("url.path", $"/api/v2/{shapes.Noun()}/{shapes.Uuid()}/items"),
            Shapes.Text("app.region", "eu-central"),
            Shapes.Flag("app.retried", shapes.Number(2) == 0),
        ]);
        return record;
    }
}
