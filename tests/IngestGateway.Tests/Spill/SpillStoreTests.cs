using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.IngestGateway.Tests.TestServices;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Tests.Spill;

/// <summary>A target that is down for longer than the log can hold, beside an archive that is not.</summary>
public sealed partial class SpillStoreTests : IDisposable
{
    private const int SpansPerBatch = 6;

    private readonly PipelineFixture _fixture = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly HashSet<string> _kept = [];
    private int _batches;

    public SpillStoreTests() => _fixture.Settings = _fixture.Settings with
    {
        Recorder = new RecorderSettings(TimeSpan.FromMinutes(15), 4 << 20, 1 << 20, 1.0),
        Sampling = _fixture.Settings.Sampling with { Policies = [new StatusCodePolicy("errors", [2])] },
    };

    public void Dispose()
    {
        _services.Dispose();
        _fixture.Dispose();
    }

    [Fact]
    public async Task Spill_TargetDownForTenTimesTheLog_AcceptsEverythingAndLosesNothing()
    {
        await using var sink = await OtlpSink.StartAsync(grpc: true);
        using var pipeline = Open(sink);
        await RunAsync(pipeline, 8000);

        Assert.True(pipeline.Spill.Bytes > 4 << 20, $"{pipeline.Spill.Bytes} bytes were copied aside");
        await pipeline.ExporterList[0].FlushAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, pipeline.Exporters[0].PendingRecords);
        Assert.Equal(_kept.Count, pipeline.Exporters[1].PendingRecords);
        await DrainAsync(pipeline);

        AssertArrived(sink);
        pipeline.Spill.Pump();
        Assert.Equal(0, pipeline.Spill.Bytes);
        Assert.Empty(Directory.GetFiles(Path.Combine(_fixture.Folder, "spill")));
        Assert.Equal(0, pipeline.LostBatches);
    }

    [Fact]
    public async Task Spill_KilledAgainAndAgain_LosesNothing()
    {
        await using var sink = await OtlpSink.StartAsync(grpc: true);
        for (var life = 0; life < 12; life++)
        {
            using var pipeline = Open(sink);
            await RunAsync(pipeline, 350 + (life * 13));

            // Of a copy that was under way when the process died; and one that was done before the log's file was reused.
            await File.WriteAllBytesAsync(Path.Combine(_fixture.Folder, "spill", "00000000000000009999.spill.new"), new byte[100], TestContext.Current.CancellationToken);
            if (life == 6)
            {
                await DrainAsync(pipeline);
            }
        }

        using var last = Open(sink);
        Assert.Empty(Directory.GetFiles(Path.Combine(_fixture.Folder, "spill"), "*.new"));
        await DrainAsync(last);
        AssertArrived(sink);
    }

    [Fact]
    public async Task Spill_BoundReached_RefusesUntilTheTargetIsBack()
    {
        _fixture.Settings = _fixture.Settings with { Recorder = _fixture.Settings.Recorder with { SpillBytes = 2 << 20 } };
        await using var sink = await OtlpSink.StartAsync(grpc: true);
        using var pipeline = Open(sink);
        var outcome = AppendOutcome.Accepted;
        for (var i = 0; i < 10_000 && outcome == AppendOutcome.Accepted; i++)
        {
            outcome = await StepAsync(pipeline);
        }

        Assert.Equal(AppendOutcome.LogFull, outcome);
        Assert.InRange(pipeline.Spill.Bytes, 1 << 20, 2 << 20);
        Assert.Contains("full", pipeline.Trouble!, StringComparison.Ordinal);
        await DrainAsync(pipeline);
        AssertArrived(sink);

        await RunAsync(pipeline, 200);
        Assert.Null(pipeline.Trouble);
    }

    private async Task RunAsync(GatewayPipeline pipeline, int batches)
    {
        for (var i = 0; i < batches; i++)
        {
            Assert.Equal(AppendOutcome.Accepted, await StepAsync(pipeline));
        }

        Decide(pipeline);
        await pipeline.ExporterList[0].PumpAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>
    /// One batch: each of its traces began in the batch before or ends in the next, so that it is decided in more than one frame; every third
    /// trace failed. Every tenth batch is of logs, all kept.
    /// </summary>
    private async Task<AppendOutcome> StepAsync(GatewayPipeline pipeline)
    {
        var number = _batches + 1;
        var isLog = number % 10 == 0;
        var spans = new TestSpan[SpansPerBatch];
        for (var i = 0; i < spans.Length; i++)
        {
            var trace = (ulong)((number * 3) + i);
            spans[i] = new TestSpan(trace, trace % 3 == 0 ? 2 : 0, Name: Name(number, i) + new string('x', 400));
        }

        var batch = new IngestBatch(
            PipelineFixture.Acme, isLog ? Signal.Logs : Signal.Traces, SpanRequest.Of("checkout", isLog ? [spans[0]] : spans), isLog ? 1 : SpansPerBatch, null, PipelineFixture.Profile);
        var outcome = await pipeline.Log.AppendAsync(batch, TestContext.Current.CancellationToken);
        if (outcome == AppendOutcome.LogFull)
        {
            Decide(pipeline);
            outcome = await pipeline.Log.AppendAsync(batch, TestContext.Current.CancellationToken);
        }

        if (outcome != AppendOutcome.Accepted)
        {
            return outcome;
        }

        _batches = number;
        foreach (var index in Enumerable.Range(0, isLog ? 1 : SpansPerBatch).Where(i => isLog || ((number * 3) + i) % 3 == 0))
        {
            _kept.Add(Name(number, index));
        }

        if (number % 20 == 0)
        {
            _fixture.Time.Advance(TimeSpan.FromSeconds(1));
            pipeline.PumpSampler();
            await pipeline.ExporterList[0].PumpAsync(TestContext.Current.CancellationToken);
            pipeline.Spill.Pump();
        }

        return outcome;
    }

    private void Decide(GatewayPipeline pipeline)
    {
        pipeline.PumpSampler();
        _fixture.Time.Advance(TimeSpan.FromSeconds(6));
        pipeline.PumpSampler();
        for (var i = 0; i < 30; i++)
        {
            pipeline.Spill.Pump();
        }
    }

    private async Task DrainAsync(GatewayPipeline pipeline)
    {
        var pump = pipeline.ExporterList[1].PumpAsync(TestContext.Current.CancellationToken);
        for (var i = 0; i < 4000 && !pump.IsCompleted; i++)
        {
            _fixture.Time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        Assert.True(pump.IsCompleted, "the exporter did not come to an end");
        await pump;
        await pipeline.ExporterList[1].FlushAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, pipeline.Exporters[1].PendingRecords);
    }

    private void AssertArrived(OtlpSink sink)
    {
        var arrived = sink.Requests
            .SelectMany(r => NameOf().Matches(Encoding.Latin1.GetString(r.Body)).Select(m => m.Value))
            .ToHashSet(StringComparer.Ordinal);
        Assert.True(_kept.SetEquals(arrived), $"{_kept.Except(arrived).Count()} of {_kept.Count} kept records did not arrive, {arrived.Except(_kept).Count()} others did");
        Assert.All(
            sink.Requests.Where(r => r.Path.Contains("Trace", StringComparison.Ordinal)),
            r => Assert.Contains("stella.sampling.policy", Encoding.Latin1.GetString(r.Body), StringComparison.Ordinal));
    }

    private static string Name(int batch, int index) => string.Create(CultureInfo.InvariantCulture, $"record-{batch:d6}-{index}");

    [GeneratedRegex("record-[0-9]{6}-[0-9]")]
    private static partial Regex NameOf();

    private GatewayPipeline Open(OtlpSink sink)
    {
        _fixture.Settings = _fixture.Settings with
        {
            Exporters =
            [
                new ArchiveExporterSettings("archive", 1 << 20, TimeSpan.FromSeconds(1)),
                new OtlpExporterSettings("store", sink.Url, OtlpProtocol.Grpc, new Dictionary<string, string>(), "X-Scope-OrgID", TimeSpan.FromSeconds(10), TimeSpan.FromDays(7)),
            ],
        };
        return new GatewayPipeline(
            _fixture.Settings, _fixture.Options, new FolderObjectStore(Path.Combine(_fixture.Folder, "archive")), new FakeIncidents(), _fixture.Time,
            new GatewayPipelineInstruments(_services.GetRequiredService<IMeterFactory>()), NullLoggerFactory.Instance);
    }
}
