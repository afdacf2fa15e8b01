using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using StellaOps.Telemetry.Archive;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.IngestGateway.Sampling;
using StellaOps.Telemetry.IngestGateway.Tests.TestServices;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Tests.Sampling;

public sealed class TailSamplerTests : IDisposable
{
    private static readonly SamplingPolicy[] s_pool =
    [
        new StatusCodePolicy("errors", [2]),
        new LatencyPolicy("slow", TimeSpan.FromMilliseconds(700)),
        new ProbabilisticPolicy("some", 30),
        new SpanCountPolicy("middling", 3, 5),
        new StringAttributePolicy("pay", "http.route", ["/pay", "/login"], false, 128, false),
        new StringAttributePolicy("pattern", "http.route", ["^/l"], true, 2, false),
        new StringAttributePolicy("not-stock", "service.name", ["stock"], false, 128, true),
        new StringAttributePolicy("not-health", "http.route", ["/health"], false, 128, true),
        new RateLimitingPolicy("limit", 6),
        new AndPolicy("slow-pay", [new LatencyPolicy("s", TimeSpan.FromMilliseconds(300)), new StringAttributePolicy("p", "http.route", ["/pay"], false, 128, false)]),
        new DropPolicy("drop-health", [new StringAttributePolicy("h", "http.route", ["/health"], false, 128, false)]),
    ];

    private readonly PipelineFixture _fixture = new();
    private readonly FakeIncidents _incidents = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public void Dispose()
    {
        _services.Dispose();
        _fixture.Dispose();
    }

    [Theory]
    [InlineData(1, 1000)]
    [InlineData(2, 1000)]
    [InlineData(3, 12)]
    [InlineData(4, 1000)]
    [InlineData(5, 40)]
    [InlineData(6, 1000)]
    [InlineData(7, 3)]
    [InlineData(8, 1000)]
    public async Task AnyPolicies_AnyTraffic_AreDecidedAsByTheNaiveSampler(int seed, int numTraces)
    {
        var random = new Random(seed);
        var policies = s_pool.Where(_ => random.Next(2) == 0).OrderBy(_ => random.Next()).ToList();
        _fixture.Settings = _fixture.Settings with { Sampling = new SamplingSettings(TimeSpan.FromSeconds(3), numTraces, policies) };
        var naive = new NaiveSampler(_fixture.Settings.Sampling);
        var pipeline = Open();
        try
        {
            for (var step = 0; step < 500; step++)
            {
                switch (random.Next(8))
                {
                    case < 4:
                        var tenant = random.Next(3) == 0 ? PipelineFixture.Globex : PipelineFixture.Acme;
                        var service = random.Next(3) == 0 ? "stock" : "checkout";
                        var spans = Enumerable.Range(0, random.Next(1, 8)).Select(_ => Span(random, step)).ToArray();
                        naive.Append(pipeline.Log.NextSequence, tenant, UnixNano.Of(_fixture.Time.GetUtcNow()), service, spans);
                        await SendAsync(pipeline, tenant, service, spans);
                        break;
                    case 4:
                        _fixture.Time.Advance(TimeSpan.FromMilliseconds(random.Next(900)));
                        break;
                    case < 7:
                        pipeline.PumpSampler();
                        naive.Pump(UnixNano.Of(_fixture.Time.GetUtcNow()));
                        break;
                    default:
                        pipeline.Dispose();
                        pipeline = Open();
                        naive.Restart();
                        break;
                }
            }

            _fixture.Time.Advance(TimeSpan.FromSeconds(4));
            pipeline.PumpSampler();
            naive.Pump(UnixNano.Of(_fixture.Time.GetUtcNow()));

            var fates = Fates(pipeline);
            Assert.Equal(naive.Fates.OrderBy(f => f.Key), fates.OrderBy(f => f.Key));
            Assert.Equal((0, 0), (pipeline.UndecidedRecords, pipeline.BufferedTraces));
        }
        finally
        {
            pipeline.Dispose();
        }
    }

    [Fact]
    public async Task MaxBytes_Exceeded_DecidesTheOldestEarly()
    {
        _fixture.Settings = _fixture.Settings with { Sampling = _fixture.Settings.Sampling with { NumTraces = 1_000_000, MaxBytes = 64 << 10 } };
        using var pipeline = Open();
        for (ulong i = 0; i < 2000; i += 50)
        {
            await SendAsync(pipeline, PipelineFixture.Acme, "checkout", [.. Enumerable.Range(0, 50).Select(n => new TestSpan(i + (ulong)n))]);
        }

        pipeline.PumpSampler();
        Assert.InRange(pipeline.BufferedTraces, 200, 600);
        Assert.Equal(TraceDecision.Undecided, pipeline.Sampler.Find(PipelineFixture.Acme, SpanRequest.TraceId(1999)).Decision);
        Assert.NotEqual(TraceDecision.Undecided, pipeline.Sampler.Find(PipelineFixture.Acme, SpanRequest.TraceId(0)).Decision);
    }

    [Fact]
    public async Task Logs_WithTrace_AreCutOutOfTheirBatchAndStamped()
    {
        _fixture.Settings = _fixture.Settings with { Sampling = _fixture.Settings.Sampling with { Logs = new LogSampling(true, 0) } };
        using var pipeline = Open();
        await SendAsync(pipeline, PipelineFixture.Acme, "checkout", [new TestSpan(1, StatusCode: 2), new TestSpan(99_001)]);
        byte[] Record(ulong trace) => SpanRequest.Field(2, SpanRequest.Field(9, SpanRequest.TraceId(trace)));
        var logs = SpanRequest.Field(1, SpanRequest.Field(2, [.. Record(99_001), .. Record(1), .. Record(1)]));
        await pipeline.Log.AppendAsync(new IngestBatch(PipelineFixture.Acme, Signal.Logs, logs, 3, null, PipelineFixture.Profile), CancellationToken.None);
        pipeline.PumpSampler();
        Assert.Equal((5, 2), (pipeline.UndecidedRecords, pipeline.BufferedTraces));
        _fixture.Time.Advance(TimeSpan.FromSeconds(5));
        pipeline.PumpSampler();

        var fates = Fates(pipeline);
        Assert.Equal([fates[(1, 1)] is null ? null : new Stamp("ten-percent", 0.1, null), new Stamp("errors", 1, null), new Stamp("errors", 1, null)], [fates[(2, 0)], fates[(2, 1)], fates[(2, 2)]]);
        var rows = pipeline.Ledger.Query(null, 0, long.MaxValue);
        Assert.Equal(3, rows.Single(r => r.Signal == Signal.Logs).Accepted);
        Assert.Equal(0, rows.Sum(r => r.Undecided));

        _fixture.Time.Advance(TimeSpan.FromMinutes(2));
        await pipeline.ExporterList[0].PumpAsync(CancellationToken.None);
        await pipeline.ExporterList[0].FlushAsync(CancellationToken.None);
        Assert.Equal(fates.Values.Count(f => f is not null), pipeline.ExporterList[0].Cursor.Exported);
    }

    [Fact]
    public async Task Incidents_AThousandOpen_ItsOwnKeepsTheTrace()
    {
        using var pipeline = Open();
        _incidents.OpenMany(PipelineFixture.Acme, _fixture.Time.GetUtcNow(), 1000);
        await SendAsync(pipeline, PipelineFixture.Acme, "service-500", [new TestSpan(1)]);
        await SendAsync(pipeline, PipelineFixture.Acme, "service-1000", [new TestSpan(2)]);
        pipeline.PumpSampler();
        Assert.Equal(new Stamp("incident", 1, "inc-500"), Assert.Single(Fates(pipeline)).Value);
        Assert.Equal(1, pipeline.BufferedTraces);
    }

    [Fact]
    public async Task Incidents_AskingForAttributes_KeepTracesThatHaveThemBufferedLateAndNew()
    {
        using var pipeline = Open();
        await SendAsync(pipeline, PipelineFixture.Acme, "shop", [new TestSpan(1, Route: "/pay"), new TestSpan(2, Route: "/login"), new TestSpan(3)]);
        pipeline.PumpSampler();
        Assert.Equal(3, pipeline.BufferedTraces);

        // Buffered: its spans are read again. A trace whose other span matches is kept whole.
        var now = _fixture.Time.GetUtcNow();
        _incidents.Open(new IncidentMessage("inc-1", 1, false, PipelineFixture.Acme, ["shop"], 1, now, now.AddHours(1), new Dictionary<string, string> { ["http.route"] = "/pay" }));
        pipeline.PumpSampler();
        Assert.Equal([(1ul, 0)], Fates(pipeline).Keys);

        await SendAsync(pipeline, PipelineFixture.Acme, "shop", [new TestSpan(3, Route: "/pay"), new TestSpan(4, Route: "/pay"), new TestSpan(5, Route: "/pa")]);
        await SendAsync(pipeline, PipelineFixture.Acme, "cart", [new TestSpan(6, Route: "/pay")]);
        await SendAsync(pipeline, PipelineFixture.Globex, "shop", [new TestSpan(7, Route: "/pay")]);
        pipeline.PumpSampler();
        var fates = Fates(pipeline);
        Assert.All([(1ul, 0), (1ul, 2), (2ul, 0), (2ul, 1)], k => Assert.Equal(new Stamp("incident", 1, "inc-1"), fates[k]));
        Assert.Equal(4, fates.Count);

        // Sampled out by then, and wanted after all.
        _fixture.Time.Advance(TimeSpan.FromSeconds(6));
        pipeline.PumpSampler();
        await SendAsync(pipeline, PipelineFixture.Acme, "shop", [new TestSpan(2, Route: "/pay")]);
        pipeline.PumpSampler();
        Assert.NotNull(Fates(pipeline)[(5, 0)]);
    }

    [Theory]
    [InlineData("shop", true)]
    [InlineData("sho", false)]
    public async Task Incidents_AskingForAResourceAttribute_LookThereToo(string wanted, bool isKept)
    {
        using var pipeline = Open();
        var now = _fixture.Time.GetUtcNow();
        _incidents.Open(new IncidentMessage("inc-1", 1, false, PipelineFixture.Acme, [], 1, now, now.AddHours(1), new Dictionary<string, string> { ["service.name"] = wanted, ["http.route"] = "/pay" }));
        await SendAsync(pipeline, PipelineFixture.Acme, "shop", [new TestSpan(1, Route: "/pay")]);
        pipeline.PumpSampler();
        Assert.Equal(isKept ? 1 : 0, Fates(pipeline).Count);
    }

    [Fact]
    public async Task Usage_CountsWhatEachIncidentKeeps()
    {
        using var pipeline = Open();
        _incidents.OpenMany(PipelineFixture.Acme, _fixture.Time.GetUtcNow(), 2);
        await SendAsync(pipeline, PipelineFixture.Acme, "service-0", [new TestSpan(1), new TestSpan(2)]);
        await SendAsync(pipeline, PipelineFixture.Acme, "service-1", [new TestSpan(3)]);
        await SendAsync(pipeline, PipelineFixture.Acme, "service-2", [new TestSpan(4, StatusCode: 2)]);
        pipeline.PumpSampler();
        _fixture.Time.Advance(TimeSpan.FromSeconds(6));
        pipeline.PumpSampler();
        var kept = pipeline.IncidentUsage.Read(_ => true);
        Assert.Equal([("inc-0", 2L), ("inc-1", 1L)], kept.Select(k => (k.Key, k.Value.Records)));
        Assert.Equal(SpanRequest.Of("service-0", new TestSpan(1), new TestSpan(2)).Length, kept["inc-0"].Bytes);
        Assert.Equal(["inc-1"], pipeline.IncidentUsage.Read(id => id == "inc-1").Keys);
        Assert.Equal(["inc-1"], pipeline.IncidentUsage.Read(_ => true).Keys);
    }

    [Fact]
    public async Task Pump_SteadyTraffic_AllocatesLittlePerSpan()
    {
        _fixture.Settings = _fixture.Settings with { Recorder = _fixture.Settings.Recorder with { MaxBytes = 256 << 20, FileBytes = 32 << 20 }, Exporters = [] };
        using var pipeline = Open();
        ulong trace = 0;
        var spans = 0;
        var allocated = 0L;
        for (var tick = 0; tick < 400; tick++)
        {
            for (var request = 0; request < 5; request++)
            {
                await SendAsync(pipeline, PipelineFixture.Acme, "checkout", [.. Enumerable.Range(0, 100).Select(i => new TestSpan(trace + (ulong)(i / 4), i % 50 == 0 ? 2 : 0))]);
                trace += request == 3 ? 25ul : 0;
            }

            _fixture.Time.Advance(TimeSpan.FromMilliseconds(50));
            var before = GC.GetAllocatedBytesForCurrentThread();
            pipeline.Sampler.Pump();
            if (tick >= 200)
            {
                allocated += GC.GetAllocatedBytesForCurrentThread() - before;
                spans += 500;
            }
        }

        // A kept span costs 8 bytes of the frame, a run 12; the rest is once for a frame.
        Assert.InRange(allocated / (double)spans, 0, 24);
    }

    private static TestSpan Span(Random random, int step)
    {
        var start = 1_000_000_000ul + ((ulong)random.Next(500) * 1_000_000);
        return new TestSpan(
            (ulong)((step / 10 * 7) + random.Next(14)),
            random.Next(12) == 0 ? 2 : random.Next(2),
            start,
            start + ((ulong)random.Next(400) * 1_000_000),
            Route: random.Next(4) switch { 0 => "/pay", 1 => "/login", 2 => "/health", _ => null });
    }

    private static Dictionary<(ulong Sequence, int Index), Stamp?> Fates(GatewayPipeline pipeline)
    {
        var fates = new Dictionary<(ulong, int), Stamp?>();
        for (var number = pipeline.Journal.FirstFrame; pipeline.Journal.Read(number) is { } frame; number++)
        {
            foreach (var batch in frame.Batches)
            {
                foreach (var kept in batch.Kept)
                {
                    fates.Add((batch.Sequence, kept.Index), frame.Stamps[kept.Stamp]);
                }

                foreach (var index in batch.SampledOut)
                {
                    fates.Add((batch.Sequence, index), null);
                }
            }
        }

        return fates;
    }

    private GatewayPipeline Open() => new(
        _fixture.Settings, _fixture.Options, new FolderObjectStore(Path.Combine(_fixture.Folder, "archive")), _incidents, _fixture.Time,
        new GatewayPipelineInstruments(_services.GetRequiredService<IMeterFactory>()), NullLoggerFactory.Instance);

    private static async Task SendAsync(GatewayPipeline pipeline, TenantId tenant, string service, TestSpan[] spans) => Assert.Equal(
        AppendOutcome.Accepted,
        await pipeline.Log.AppendAsync(new IngestBatch(tenant, Signal.Traces, SpanRequest.Of(service, spans), spans.Length, null, PipelineFixture.Profile), CancellationToken.None));
}
