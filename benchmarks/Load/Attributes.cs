using System.Globalization;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Resource.V1;
using static StellaOps.Telemetry.Benchmarks.Load.Shapes;

namespace StellaOps.Telemetry.Benchmarks.Load;

/// <summary>Sets of attributes as instrumentation libraries write them. Nineteen of twenty values are harmless, one is personal data.</summary>
internal static class Attributes
{
    public const int PerSpan = 20;

    public static Resource Resource(Shapes s, string service) => new()
    {
        Attributes =
        {
            Text("service.name", service),
            Text("service.namespace", "shop"),
            Text("service.version", "4.11.2"),
            Text("service.instance.id", s.Uuid()),
            Text("deployment.environment.name", "production"),
            Text("host.name", s.Host("node-" + s.Number(40).ToString(CultureInfo.InvariantCulture))),
            Text("k8s.pod.name", $"{service}-7d9c5b6f4-{s.Number(90_000) + 10_000}"),
            Int("process.pid", 1 + s.Number(30_000)),
            Text("telemetry.sdk.name", "opentelemetry"),
            Text("telemetry.sdk.language", "java"),
        },
    };

    public static IEnumerable<KeyValue> OfSpan(Shapes s, int kind, string filler, int personal) => (kind % 3) switch
    {
        0 => [.. Server(s, filler), s.Personal(personal)],
        1 => [.. Database(s, filler), s.Personal(personal)],
        _ => [.. Messaging(s, filler), s.Personal(personal)],
    };

    private static KeyValue[] Server(Shapes s, string filler)
    {
        var (noun, id, host) = (s.Noun(), s.Uuid(), s.Host("api"));
        return
        [
            Text("http.request.method", "GET"),
            Int("http.response.status_code", 200),
            Text("http.route", $"/api/v2/{noun}/{{id}}/items"),
            Text("url.scheme", "https"),
            Text("url.path", $"/api/v2/{noun}/{id}/items"),
            Text("url.full", $"https://{host}/api/v2/{noun}/{id}/items?page={s.Number(90)}&size=50"),
            Text("server.address", host),
            Int("server.port", 443),
            Text("network.protocol.name", "http"),
            Text("network.protocol.version", "2"),
            Text("network.peer.address", "127.0.0.1"),
            Int("network.peer.port", 1024 + s.Number(60_000)),
            Text("user_agent.original", s.Agent()),
            Int("http.response.body.size", s.Number(90_000)),
            Int("thread.id", s.Number(200)),
            Text("thread.name", "http-nio-8443-exec-" + s.Number(200).ToString(CultureInfo.InvariantCulture)),
            Text("app.request.id", s.Uuid()),
            Flag("app.cache.hit", s.Number(2) == 0),
            Text("app.summary", filler),
        ];
    }

    private static KeyValue[] Database(Shapes s, string filler) =>
    [
        Text("db.system.name", "postgresql"),
        Text("db.namespace", "shop|public"),
        Text("db.collection.name", s.Noun()),
        Text("db.operation.name", "SELECT"),
        Text("db.query.text", s.Sql()),
        Int("db.response.returned_rows", s.Number(500)),
        Text("db.client.connection.pool.name", "HikariPool-1"),
        Text("server.address", s.Host("pg")),
        Int("server.port", 5432),
        Text("network.transport", "tcp"),
        Text("network.peer.address", "127.0.0.1"),
        Text("code.function.name", "example.shop.store.JdbcRepository.findOpen"),
        Text("code.file.path", "src/main/java/example/shop/store/JdbcRepository.java"),
        Int("code.line.number", s.Number(900)),
        Text("thread.name", "worker-" + s.Number(64).ToString(CultureInfo.InvariantCulture)),
        Text("app.transaction.id", s.Uuid()),
        Real("app.pool.wait_ms", s.Number(1000) / 100.0),
        Flag("app.read_only", true),
        Text("app.summary", filler),
    ];

    private static KeyValue[] Messaging(Shapes s, string filler) =>
    [
        Text("messaging.system", "kafka"),
        Text("messaging.operation.name", "process"),
        Text("messaging.operation.type", "process"),
        Text("messaging.destination.name", s.Noun() + ".events.v2"),
        Text("messaging.destination.partition.id", s.Number(48).ToString(CultureInfo.InvariantCulture)),
        Int("messaging.kafka.offset", 1_000_000 + s.Number(9_000_000)),
        Text("messaging.message.id", s.Uuid()),
        Text("messaging.client.id", "consumer-" + s.Noun() + "-" + s.Number(12).ToString(CultureInfo.InvariantCulture)),
        Text("messaging.consumer.group.name", "fulfilment"),
        Int("messaging.message.body.size", s.Number(60_000)),
        Int("messaging.batch.message_count", 1 + s.Number(200)),
        Text("server.address", s.Host("kafka")),
        Int("server.port", 9093),
        Text("network.transport", "tcp"),
        Text("app.correlation.id", s.Uuid()),
        Int("app.retry.count", s.Number(3)),
        Text("code.function.name", "example.shop.fulfilment.EventHandler.onMessage"),
        Flag("app.deduplicated", false),
        Text("app.summary", filler),
    ];
}
