using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Metrics.V1;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Stores;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.Exporters;

/// <summary>A real store: what was sent to the gateway is what it answers queries with.</summary>
public sealed class VictoriaMetricsTests
{
    [Theory]
    [InlineData("none")]
    [InlineData("gzip")]
    public async Task Export_Metrics_AreWhatTheStoreAnswersQueriesWith(string compression)
    {
        await using var store = await VictoriaMetrics.StartAsync();
        await using var gateway = new GatewayUnderTest { IsWhole = true };
        gateway.Profiles.Tenant("acme");
        await gateway.Profiles.StartAsync();
        await gateway.StartAsync(profile: TestProfiles.Small + $$"""

              exporters:
                - name: metrics
                  type: otlp
                  endpoint: {{store.Otlp}}
                  protocol: http/protobuf
                  compression: {{compression}}
            """);
        await gateway.ReadyAsync();
        using var sender = gateway.Grpc(gateway.Writer("acme"));
        for (var i = 0; i < 5; i++)
        {
            await sender.ExportAsync(Signal.Metrics, Gauge("orders_open", i, 10 + i));
        }

        await Eventually.HoldsAsync(async () => (await QueryAsync(store, "orders_open")).Count == 5, TimeSpan.FromSeconds(20), "all five series are in the store");
        Assert.Equal([10, 11, 12, 13, 14], (await QueryAsync(store, "orders_open")).OrderBy(s => s.Key).Select(s => s.Value));
    }

    private static byte[] Gauge(string name, int shop, double value)
    {
        var point = new NumberDataPoint { AsDouble = value, TimeUnixNano = (ulong)TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000 };
        point.Attributes.Add(new KeyValue { Key = "shop", Value = new AnyValue { StringValue = shop.ToString(CultureInfo.InvariantCulture) } });
        var gauge = new Gauge();
        gauge.DataPoints.Add(point);
        var scope = new ScopeMetrics();
        scope.Metrics.Add(new Metric { Name = name, Gauge = gauge });
        var resource = new ResourceMetrics();
        resource.ScopeMetrics.Add(scope);
        var request = new ExportMetricsServiceRequest();
        request.ResourceMetrics.Add(resource);
        return request.ToByteArray();
    }

    private static async Task<Dictionary<int, double>> QueryAsync(VictoriaMetrics store, string query)
    {
        using var answer = JsonDocument.Parse(await store.AskAsync($"/api/v1/query?query={query}", "time", TestContext.Current.CancellationToken));
        return answer.RootElement.GetProperty("data").GetProperty("result").EnumerateArray().ToDictionary(
            s => int.Parse(s.GetProperty("metric").GetProperty("shop").GetString()!, CultureInfo.InvariantCulture),
            s => double.Parse(s.GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture));
    }
}
