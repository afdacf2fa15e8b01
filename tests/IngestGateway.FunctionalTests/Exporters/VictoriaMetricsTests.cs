using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Metrics.V1;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;
using StellaOps.Telemetry.Tests.Shared;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.Exporters;

/// <summary>A real store: what was sent to the gateway is what it answers queries with.</summary>
public sealed class VictoriaMetricsTests
{
    [Theory]
    [InlineData("none")]
    [InlineData("gzip")]
    public async Task Export_Metrics_AreWhatTheStoreAnswersQueriesWith(string compression)
    {
        var program = ExternalTool.Require("victoria-metrics");
        var port = FreePort.Next();
        var folder = Directory.CreateTempSubdirectory("stella-vm-").FullName;
        await using var store = SupervisedProcess.Start("TERM", [program, $"-httpListenAddr=127.0.0.1:{port}", $"-storageDataPath={folder}", "-retentionPeriod=1d"]);
        try
        {
            using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
            await Eventually.HoldsAsync(async () => await IsUpAsync(client), TimeSpan.FromSeconds(30), $"victoria-metrics answers: {store.Output}");
            await using var gateway = new GatewayUnderTest { IsWhole = true };
            gateway.Profiles.Tenant("acme");
            await gateway.Profiles.StartAsync();
            await gateway.StartAsync(profile: TestProfiles.Small + $$"""

                  exporters:
                    - name: metrics
                      type: otlp
                      endpoint: http://127.0.0.1:{{port}}/opentelemetry
                      protocol: http/protobuf
                      compression: {{compression}}
                """);
            await gateway.ReadyAsync();
            using var sender = gateway.Grpc(gateway.Writer("acme"));
            for (var i = 0; i < 5; i++)
            {
                await sender.ExportAsync(Signal.Metrics, Gauge("orders_open", i, 10 + i));
            }

            await Eventually.HoldsAsync(async () => (await QueryAsync(client, "orders_open")).Count == 5, TimeSpan.FromSeconds(20), "all five series are in the store");
            Assert.Equal([10, 11, 12, 13, 14], (await QueryAsync(client, "orders_open")).OrderBy(s => s.Key).Select(s => s.Value));
        }
        finally
        {
            await store.StopAsync();
            Directory.Delete(folder, recursive: true);
        }
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

    private static async Task<Dictionary<int, double>> QueryAsync(HttpClient client, string query)
    {
        using var flushed = await client.GetAsync(new Uri("/internal/force_flush", UriKind.Relative), TestContext.Current.CancellationToken);
        // What has just arrived is left out of a query's default latency offset.
        var at = TimeProvider.System.GetUtcNow().AddSeconds(60).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        using var answer = JsonDocument.Parse(await client.GetStringAsync(new Uri($"/api/v1/query?query={query}&time={at}&latency_offset=1ms", UriKind.Relative), TestContext.Current.CancellationToken));
        return answer.RootElement.GetProperty("data").GetProperty("result").EnumerateArray().ToDictionary(
            s => int.Parse(s.GetProperty("metric").GetProperty("shop").GetString()!, CultureInfo.InvariantCulture),
            s => double.Parse(s.GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture));
    }

    private static async Task<bool> IsUpAsync(HttpClient client)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri("/health", UriKind.Relative), TestContext.Current.CancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
