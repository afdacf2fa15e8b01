using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.IngestGateway.Tests.TestServices;
using StellaOps.Telemetry.Profiles.Gateway;
using StellaOps.Telemetry.Tests.Shared.Otlp;

namespace StellaOps.Telemetry.IngestGateway.Tests.Exporters;

public sealed class OtlpExporterTests : IDisposable
{
    private readonly PipelineFixture _fixture = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public void Dispose()
    {
        _services.Dispose();
        _fixture.Dispose();
    }

    [Theory]
    [InlineData(true, 14)]
    [InlineData(false, 503)]
    public async Task Pump_StoreUnavailableOnce_SendsAgainWithStampsAndTenant(bool grpc, int refusal)
    {
        await using var sink = await OtlpSink.StartAsync(grpc);
        sink.Refusals.Enqueue(refusal);
        using var pipeline = await OpenWithErrorTraceAsync(sink, grpc);
        await PumpAsync(pipeline);
        Assert.Equal(2, sink.Requests.Count);
        var (path, tenant, body, _, _) = sink.Requests.Last();
        Assert.Equal((grpc ? "/opentelemetry.proto.collector.trace.v1.TraceService/Export" : "/v1/traces", "acme"), (path, tenant));
        var text = Encoding.UTF8.GetString(body);
        Assert.Contains("stella.sampling.policy", text, StringComparison.Ordinal);
        Assert.Contains("errors", text, StringComparison.Ordinal);
        Assert.Equal((1L, 0L), (pipeline.ExporterList[0].Cursor.Exported, pipeline.ExporterList[0].Cursor.DeadLettered));
        Assert.Equal(0, pipeline.Exporters[0].PendingRecords);
    }

    /// <summary>Kept in part or whole, sampled or not: a store can tell a replayed record.</summary>
    [Theory]
    [InlineData(Signal.Traces)]
    [InlineData(Signal.Logs)]
    [InlineData(Signal.Metrics)]
    public async Task Pump_BatchOfAReplay_GetsTheReplaysIdOnEachRecord(Signal signal)
    {
        await using var sink = await OtlpSink.StartAsync(grpc: true);
        using var pipeline = Open(sink, grpc: true);
        var payload = signal == Signal.Traces ? SpanRequest.Of("checkout", new TestSpan(1, StatusCode: 2), new TestSpan(1)) : OtlpBytes.Request(signal, records: 2);
        var batch = new IngestBatch(PipelineFixture.Acme, signal, payload, 2, "one/0", PipelineFixture.Profile);
        await pipeline.Replays.AppendAsync(batch, CancellationToken.None);
        await pipeline.Replays.AppendAsync(batch with { ReplayMark = "other/0" }, CancellationToken.None);
        await pipeline.Log.AppendAsync(batch with { ReplayMark = null }, CancellationToken.None);
        pipeline.PumpSampler();
        _fixture.Time.Advance(TimeSpan.FromSeconds(5));
        pipeline.PumpSampler();

        await PumpAsync(pipeline);

        var text = Encoding.UTF8.GetString([.. sink.Requests.SelectMany(r => r.Body)]);
        Assert.Equal(6, pipeline.ExporterList[0].Cursor.Exported);
        Assert.Equal(4, text.Split("stella.replay.id").Length - 1);
        Assert.Equal((2, 2), (text.Split("\u0003one").Length - 1, text.Split("\u0005other").Length - 1));
    }

    [Theory]
    [InlineData(true, 3)]
    [InlineData(false, 400)]
    public async Task Pump_StoreRefusesForGood_LeavesADeadLetterAndGoesOn(bool grpc, int refusal)
    {
        await using var sink = await OtlpSink.StartAsync(grpc);
        sink.Refusals.Enqueue(refusal);
        using var pipeline = await OpenWithErrorTraceAsync(sink, grpc);
        await PumpAsync(pipeline);
        Assert.Single(sink.Requests);
        Assert.Equal(1, pipeline.ExporterList[0].Cursor.DeadLettered);
        var letters = Directory.GetFiles(Path.Combine(_fixture.Folder, "deadletter", "store"));
        Assert.Equal(2, letters.Length);
        var why = await File.ReadAllTextAsync(letters.Single(l => l.EndsWith(".json", StringComparison.Ordinal)), TestContext.Current.CancellationToken);
        Assert.Contains(grpc ? "grpc_3: not now" : "http_400", why, StringComparison.Ordinal);
        Assert.Equal(pipeline.Journal.LastFrame, pipeline.ExporterList[0].Cursor.Saved);
    }

    [Fact]
    public async Task Pump_CancelledWhileStoreIsDown_SendsAfterRestart()
    {
        await using var sink = await OtlpSink.StartAsync(grpc: true);
        sink.Refusals.Enqueue(14);
        using (var pipeline = await OpenWithErrorTraceAsync(sink, grpc: true))
        {
            using var stop = new CancellationTokenSource();
            var pump = pipeline.ExporterList[0].PumpAsync(stop.Token);
            while (sink.Requests.IsEmpty || pipeline.Exporters[0].LastError is null)
            {
                await Task.Delay(5, TestContext.Current.CancellationToken);
            }

            Assert.Equal(1, pipeline.Exporters[0].PendingRecords);
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pump);
        }

        using var again = Open(sink, grpc: true);
        Assert.Equal(1, again.Exporters[0].PendingRecords);
        await PumpAsync(again);
        Assert.Equal(2, sink.Requests.Count);
        Assert.Equal(1, again.ExporterList[0].Cursor.Exported);
    }

    private async Task PumpAsync(GatewayPipeline pipeline)
    {
        var pump = pipeline.ExporterList[0].PumpAsync(CancellationToken.None);
        for (var i = 0; i < 2000 && !pump.IsCompleted; i++)
        {
            _fixture.Time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        Assert.True(pump.IsCompleted, "the exporter did not come to an end");
        await pump;
    }

    private async Task<GatewayPipeline> OpenWithErrorTraceAsync(OtlpSink sink, bool grpc)
    {
        var pipeline = Open(sink, grpc);
        await pipeline.Log.AppendAsync(
            new IngestBatch(PipelineFixture.Acme, Signal.Traces, SpanRequest.Of("checkout", new TestSpan(1, StatusCode: 2)), 1, null, PipelineFixture.Profile), CancellationToken.None);
        pipeline.PumpSampler();
        _fixture.Time.Advance(TimeSpan.FromSeconds(5));
        pipeline.PumpSampler();
        return pipeline;
    }

    private GatewayPipeline Open(OtlpSink sink, bool grpc)
    {
        _fixture.Settings = _fixture.Settings with
        {
            Exporters =
            [
                new OtlpExporterSettings(
                    "store", sink.Url, grpc ? OtlpProtocol.Grpc : OtlpProtocol.HttpProtobuf, new Dictionary<string, string>(), "X-Scope-OrgID", TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(5)),
            ],
        };
        return new GatewayPipeline(
            _fixture.Settings, _fixture.Options, new FolderObjectStore(Path.Combine(_fixture.Folder, "archive")), new FakeIncidents(), _fixture.Time,
            new GatewayPipelineInstruments(_services.GetRequiredService<IMeterFactory>()), NullLoggerFactory.Instance);
    }
}
