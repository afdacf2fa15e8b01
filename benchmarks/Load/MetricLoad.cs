using System.Globalization;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Metrics.V1;

namespace StellaOps.Telemetry.Benchmarks.Load;

/// <summary>Requests of 100 data points: gauges, sums and histograms of ten points each, eight attributes a point.</summary>
public static class MetricLoad
{
    public const int PointsPerRequest = Metrics * PointsPerMetric;

    private const int Metrics = 10;
    private const int PointsPerMetric = 10;
    private static readonly double[] s_bounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5];

    public static RequestTemplate Create(int variation)
    {
        var shapes = new Shapes(2000 + variation);
        var scope = new ScopeMetrics { Scope = new InstrumentationScope { Name = "example.shop.metrics" } };
        for (var i = 0; i < Metrics; i++)
        {
            scope.Metrics.Add(NewMetric(shapes, i));
        }

        var request = new ExportMetricsServiceRequest
        {
            ResourceMetrics = { new ResourceMetrics { Resource = Attributes.Resource(shapes, "catalogue"), ScopeMetrics = { scope } } },
        };
        return Places.OfMetrics(request.ToByteArray());
    }

    private static Metric NewMetric(Shapes shapes, int index)
    {
        var metric = new Metric { Name = $"shop.{shapes.Noun()}.m{index}", Unit = "s", Description = "What the load generator measures" };
        switch (index % 3)
        {
            case 0:
                metric.Gauge = new Gauge { DataPoints = { Repeat(() => Number(shapes)) } };
                break;
            case 1:
                metric.Sum = new Sum { IsMonotonic = true, AggregationTemporality = AggregationTemporality.Cumulative, DataPoints = { Repeat(() => Number(shapes)) } };
                break;
            default:
                metric.Histogram = new Histogram { AggregationTemporality = AggregationTemporality.Cumulative, DataPoints = { Repeat(() => Distribution(shapes)) } };
                break;
        }

        return metric;
    }

    private static IEnumerable<T> Repeat<T>(Func<T> create) => [.. Enumerable.Range(0, PointsPerMetric).Select(_ => create())];

    private static NumberDataPoint Number(Shapes shapes) =>
        new() { StartTimeUnixNano = 1, TimeUnixNano = 1, AsDouble = shapes.Number(100_000) / 7.0, Attributes = { Attributes8(shapes) } };

    private static HistogramDataPoint Distribution(Shapes shapes)
    {
        var point = new HistogramDataPoint { StartTimeUnixNano = 1, TimeUnixNano = 1, Count = 1300, Sum = shapes.Number(90_000) / 11.0, Attributes = { Attributes8(shapes) } };
        point.ExplicitBounds.Add(s_bounds);
        point.BucketCounts.Add(Enumerable.Repeat(100UL, s_bounds.Length + 1));
        return point;
    }

    private static KeyValue[] Attributes8(Shapes shapes) =>
    [
        Shapes.Text("http.request.method", "GET"),
        Shapes.Text("http.route", $"/api/v2/{shapes.Noun()}/{{id}}/items"),
        Shapes.Int("http.response.status_code", 200),
        Shapes.Text("url.scheme", "https"),
        Shapes.Text("server.address", shapes.Host("api")),
        Shapes.Int("server.port", 443),
        Shapes.Text("network.protocol.version", "2"),
        Shapes.Text("app.shard", shapes.Number(64).ToString(CultureInfo.InvariantCulture)),
    ];
}
