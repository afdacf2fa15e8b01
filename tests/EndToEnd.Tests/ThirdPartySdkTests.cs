using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Metrics.V1;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Tests.Shared.Stack;
using StellaOps.Telemetry.Tests.Shared.Telemetry;

namespace StellaOps.Telemetry.EndToEnd.Tests;

/// <summary>A third party's SDK sends, in each of the three forms of OTLP.</summary>
[Collection(nameof(SharedStackCollection))]
public sealed class ThirdPartySdkTests(SharedStack shared, NodeSender node) : IClassFixture<NodeSender>
{
    private const int Traces = 200;

    [Theory]
    [InlineData("grpc")]
    [InlineData("http/protobuf")]
    [InlineData("http/json")]
    public async Task NodeSdk_AllSignals_ArriveWholeAndRedacted(string protocol)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var stack = shared.Stack;
        var tenant = await stack.AddTenantAsync(SharedStack.NewTenantName("node"));
        await tenant.WaitUntilAcceptedAsync(cancellationToken);
        var from = TimeProvider.System.GetUtcNow();

        var sent = await node.SendAsync(protocol, protocol == "grpc" ? stack.GrpcUrl : stack.HttpUrl, tenant.IngestKey, Traces, PersonalData.Sentence);

        Assert.Equal((0, ""), (sent.Failed, sent.Errors));
        Assert.Equal(2 * Traces, sent.Acknowledged.Distinct().Count());
        var folder = Directory.CreateTempSubdirectory("stella-node-").FullName;
        try
        {
            var bundle = await stack.CaptureAsync(tenant.Name, from, TimeProvider.System.GetUtcNow(), folder);
            Assert.Empty(bundle.Gaps);
            Assert.Equal(sent.Acknowledged.Order(), BundleContent.Spans(bundle).Order());
            var ledger = await stack.Gateway.GetLedgerAsync(TenantId.Parse(tenant.Name), null, null, cancellationToken);
            var accepted = ledger.Rows.GroupBy(r => r.Signal).ToDictionary(g => g.Key, g => g.Sum(r => r.Accepted));
            Assert.Equal(2 * Traces, accepted[Signal.Traces]);
            Assert.Equal(Traces, accepted[Signal.Logs]);
            Assert.Equal(accepted.ToDictionary(a => a.Key.ToName(), a => a.Value), bundle.Records);
            Assert.Equal(Traces, Assert.Single(CountsOf("sender.requests", bundle)));
            Assert.Empty(PersonalDataSearch.Search(folder, PersonalData.Needles).Hits);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IEnumerable<double> CountsOf(string metric, CapturedBundle bundle) =>
        from request in BundleContent.Read(bundle, "metrics", ExportMetricsServiceRequest.Parser)
        let found = request.ResourceMetrics.Single().ScopeMetrics.Single().Metrics.Single()
        where found.Name == metric
        from point in found.Sum.DataPoints
        select point.ValueCase == NumberDataPoint.ValueOneofCase.AsInt ? point.AsInt : point.AsDouble;
}
