using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using StellaOps.Telemetry.Archive;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Promotions;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.IngestGateway.Sampling;
using StellaOps.Telemetry.IngestGateway.Tests.TestServices;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Tests.Pipeline;

public sealed class GatewayPipelineTests : IDisposable
{
    private readonly PipelineFixture _fixture = new();
    private readonly FakeIncidents _incidents = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly FolderObjectStore _store;

    public GatewayPipelineTests() => _store = new FolderObjectStore(Path.Combine(_fixture.Folder, "archive"));

    public void Dispose()
    {
        _services.Dispose();
        _fixture.Dispose();
    }

    [Fact]
    public async Task Sampling_ErrorTrace_IsKeptWithItsOtherSpans()
    {
        using var pipeline = Open();
        await Send(pipeline, new TestSpan(1), new TestSpan(2));
        await Send(pipeline, new TestSpan(1, StatusCode: 2), new TestSpan(2));
        pipeline.PumpSampler();
        Assert.Equal((4, 2), (pipeline.UndecidedRecords, pipeline.BufferedTraces));
        _fixture.Time.Advance(TimeSpan.FromSeconds(5));
        pipeline.PumpSampler();
        Assert.Equal(0, pipeline.UndecidedRecords);
        Assert.Equal((TraceDecision.Kept, "errors"), pipeline.Sampler.Find(PipelineFixture.Acme, SpanRequest.TraceId(1)));
        Assert.Equal(TraceDecision.Unknown, pipeline.Sampler.Find(PipelineFixture.Globex, SpanRequest.TraceId(1)).Decision);
        var kept = Kept(pipeline);
        Assert.Contains((1ul, 0), kept.Keys);
        Assert.Equal(new Stamp("errors", 1, null), kept[(2ul, 0)]);
    }

    [Fact]
    public async Task Sampling_Probabilistic_KeepsAboutItsShareAndDecidesAlikeEverywhere()
    {
        using var pipeline = Open();
        for (ulong trace = 0; trace < 2000; trace += 100)
        {
            await Send(pipeline, [.. Enumerable.Range(0, 100).Select(i => new TestSpan(trace + (ulong)i))]);
        }

        pipeline.PumpSampler();
        _fixture.Time.Advance(TimeSpan.FromSeconds(5));
        pipeline.PumpSampler();
        Assert.InRange(Kept(pipeline).Count, 130, 270);
        Assert.InRange(pipeline.SamplingPercent, 6.5, 13.5);
    }

    [Fact]
    public async Task Incident_Opened_FlushesBufferedAndOverridesSampledOut_InScopeOnly()
    {
        _fixture.Settings = _fixture.Settings with { Sampling = _fixture.Settings.Sampling with { Policies = [] } };
        using var pipeline = Open();
        await Send(pipeline, new TestSpan(1));
        pipeline.PumpSampler();
        _fixture.Time.Advance(TimeSpan.FromSeconds(5));
        pipeline.PumpSampler();
        Assert.Equal(TraceDecision.SampledOut, pipeline.Sampler.Find(PipelineFixture.Acme, SpanRequest.TraceId(1)).Decision);
        await Send(pipeline, new TestSpan(2));
        await Send(pipeline, PipelineFixture.Globex, "checkout", new TestSpan(3));
        await Send(pipeline, PipelineFixture.Acme, "other", new TestSpan(4));
        pipeline.PumpSampler();

        _incidents.Open(PipelineFixture.Acme, _fixture.Time.GetUtcNow(), TimeSpan.FromMinutes(1), "checkout");
        await Send(pipeline, new TestSpan(1));
        await Send(pipeline, new TestSpan(5));
        pipeline.PumpSampler();

        var stamp = new Stamp("incident", 1, "inc-1");
        var kept = Kept(pipeline);
        Assert.Equal([(2ul, 0), (5ul, 0), (6ul, 0)], kept.Keys.Order());
        Assert.All(kept.Values, s => Assert.Equal(stamp, s));
        Assert.Equal(2, pipeline.BufferedTraces);

        _fixture.Time.Advance(TimeSpan.FromMinutes(1));
        await Send(pipeline, new TestSpan(7));
        pipeline.PumpSampler();
        Assert.Equal(TraceDecision.Undecided, pipeline.Sampler.Find(PipelineFixture.Acme, SpanRequest.TraceId(7)).Decision);
    }

    [Fact]
    public async Task Restart_AtAnyMoment_EveryRecordIsDecidedOnceAndTheLedgerAgrees()
    {
        var random = new Random(20260304);
        var accepted = 0L;
        var pipeline = Open();
        try
        {
            for (var step = 0; step < 400; step++)
            {
                switch (random.Next(10))
                {
                    case < 5:
                        var spans = Enumerable.Range(0, random.Next(1, 6)).Select(_ => new TestSpan((ulong)random.Next(60) + (ulong)(step / 20 * 30), random.Next(20) == 0 ? 2 : 1)).ToArray();
                        await Send(pipeline, random.Next(2) == 0 ? PipelineFixture.Acme : PipelineFixture.Globex, "checkout", spans);
                        accepted += spans.Length;
                        break;
                    case 5:
                        await pipeline.Log.AppendAsync(PipelineFixture.Batch(30), CancellationToken.None);
                        accepted++;
                        break;
                    case 6:
                        _fixture.Time.Advance(TimeSpan.FromMilliseconds(random.Next(3000)));
                        break;
                    case 7 or 8:
                        pipeline.PumpSampler();
                        break;
                    default:
                        // Dropped where it stands: nothing is flushed.
                        pipeline.Dispose();
                        pipeline = Open();
                        break;
                }
            }

            pipeline.PumpSampler();
            _fixture.Time.Advance(TimeSpan.FromSeconds(6));
            pipeline.PumpSampler();
            pipeline.Dispose();
            pipeline = Open();
            var seen = new HashSet<(ulong, int)>();
            for (var number = pipeline.Journal.FirstFrame; pipeline.Journal.Read(number) is { } frame; number++)
            {
                foreach (var batch in frame.Batches)
                {
                    foreach (var index in batch.IsWhole ? [0] : batch.Kept.Select(k => k.Index).Concat(batch.SampledOut))
                    {
                        Assert.True(seen.Add((batch.Sequence, index)), $"record {batch.Sequence}/{index} was decided twice");
                    }
                }
            }

            Assert.Equal(accepted, seen.Count);
            var rows = pipeline.Ledger.Query(null, 0, long.MaxValue);
            Assert.Equal(accepted, rows.Sum(r => r.Accepted));
            Assert.Equal(0, rows.Sum(r => r.Undecided));
            Assert.Equal(Kept(pipeline).Count, rows.Where(r => r.Signal == Signal.Traces).Sum(r => r.Kept));
        }
        finally
        {
            pipeline.Dispose();
        }
    }

    [Fact]
    public async Task SamplingOff_EveryBatch_IsKeptWholeAtOnce_AndWhatWasUndecidedIsKept()
    {
        using var pipeline = Open();
        await Send(pipeline, new TestSpan(1));
        pipeline.PumpSampler();
        Assert.Equal(1, pipeline.UndecidedRecords);
        pipeline.Apply(_fixture.Settings with { Sampling = SamplingSettings.Off });
        await Send(pipeline, new TestSpan(2), new TestSpan(3));
        pipeline.PumpSampler();
        Assert.Equal(0, pipeline.UndecidedRecords);
        var frame = pipeline.Journal.Read(pipeline.Journal.LastFrame)!;
        Assert.Equal((2ul, true), (frame.Batches[0].Sequence, frame.Batches[0].IsWhole));
        Assert.Equal(new Stamp("none", 1, null), Kept(pipeline)[(1ul, 0)]);
        Assert.Equal(3, pipeline.Ledger.Query(null, 0, long.MaxValue).Sum(r => r.Kept));
    }

    [Fact]
    public async Task Archive_CrashBeforeCompletion_WritesKeptRecordsWithStamps()
    {
        using (var pipeline = Open())
        {
            await Send(pipeline, new TestSpan(1, StatusCode: 2, Name: "kept"), new TestSpan(99_001, Name: "x"));
            var record = SpanRequest.Field(1, SpanRequest.Field(2, SpanRequest.Field(2, [(1 << 3) | 1, 1, 2, 3, 4, 5, 6, 7, 8])));
            await pipeline.Log.AppendAsync(new IngestBatch(PipelineFixture.Acme, Signal.Logs, record, 1, null, PipelineFixture.Profile), CancellationToken.None);
            pipeline.PumpSampler();
            _fixture.Time.Advance(TimeSpan.FromSeconds(5));
            pipeline.PumpSampler();
            await pipeline.ExporterList[0].PumpAsync(CancellationToken.None);
            Assert.Equal(0ul, pipeline.ExporterList[0].Cursor.Saved);
        }

        using var again = Open();
        await again.ExporterList[0].PumpAsync(CancellationToken.None);
        _fixture.Time.Advance(TimeSpan.FromMinutes(1));
        await again.ExporterList[0].PumpAsync(CancellationToken.None);
        Assert.Equal(again.Journal.LastFrame, again.ExporterList[0].Cursor.Saved);
        var frames = await Read(PipelineFixture.Acme, Signal.Traces);
        var frame = Assert.Single(frames);
        Assert.Equal(new KeptRecord(0, frame.Envelope.Kept![0].Stamp), frame.Envelope.Kept[0]);
        Assert.Equal("errors", frame.Envelope.Stamps[frame.Envelope.Kept[0].Stamp].Policy);
        var isProbabilistic = frame.Envelope.Kept.Count > 1;
        Assert.Equal(isProbabilistic ? null : SpanRequest.Of("checkout", new TestSpan(1, StatusCode: 2, Name: "kept")), isProbabilistic ? null : frame.Payload);
        Assert.Null(Assert.Single(await Read(PipelineFixture.Acme, Signal.Logs)).Envelope.Kept);
    }

    [Fact]
    public async Task Archive_OneTenantFillsItsSegment_OthersStayOpenAndTheCursorWaitsForThem()
    {
        _fixture.Settings = _fixture.Settings with { Sampling = SamplingSettings.Off, Exporters = [new ArchiveExporterSettings("archive", 4096, TimeSpan.FromMinutes(1))] };
        using var pipeline = Open();
        await Send(pipeline, PipelineFixture.Globex, "checkout", new TestSpan(1));
        pipeline.PumpSampler();
        await Send(pipeline, PipelineFixture.Acme, "checkout", new TestSpan(2, Name: new string('x', 5000)));
        pipeline.PumpSampler();
        var archive = pipeline.ExporterList[0];

        await archive.PumpAsync(CancellationToken.None);

        Assert.Single(await Read(PipelineFixture.Acme, Signal.Traces));
        Assert.Empty(await Read(PipelineFixture.Globex, Signal.Traces));
        Assert.Equal((0ul, 0L), (archive.Cursor.Done, archive.Cursor.Exported));

        _fixture.Time.Advance(TimeSpan.FromMinutes(1));
        await archive.PumpAsync(CancellationToken.None);

        Assert.Single(await Read(PipelineFixture.Globex, Signal.Traces));
        Assert.Equal((pipeline.Journal.LastFrame, 2L), (archive.Cursor.Saved, archive.Cursor.Exported));
    }

    [Fact]
    public async Task Promote_Window_HoldsExactlyWhatWasAcceptedInIt()
    {
        using var pipeline = Open();
        var start = UnixNano.Of(_fixture.Time.GetUtcNow());
        for (ulong i = 0; i < 10; i++)
        {
            await Send(pipeline, new TestSpan(i));
            await Send(pipeline, PipelineFixture.Globex, "checkout", new TestSpan(i));
            _fixture.Time.Advance(TimeSpan.FromSeconds(1));
        }

        pipeline.PumpSampler();
        var request = new PromotionRequest(
            "p-1", PipelineFixture.Acme, [Signal.Traces, Signal.Logs], Text(start + (2 * UnixNano.PerSecond)), Text(start + (5 * UnixNano.PerSecond)),
            _fixture.Time.GetUtcNow(), _fixture.Time.GetUtcNow().AddMinutes(1));
        var ack = await pipeline.Promoter.PromoteAsync(request, CancellationToken.None);
        Assert.Null(ack.Failure);
        Assert.Equal(3, ack.Records);
        Assert.Equal(request.FromUnixNano, ack.LogFromUnixNano);
        var frames = await Read(PipelineFixture.Acme, Signal.Traces);
        Assert.Equal([5ul, 7ul, 9ul], frames.Select(f => f.Envelope.Sequence));
        Assert.All(frames, f => Assert.Null(f.Envelope.Kept));
        Assert.Equal(ack.Segments, (await pipeline.Promoter.PromoteAsync(request, CancellationToken.None)).Segments);
        Assert.Equal(10, ack.Ledger.Sum(r => r.Accepted));
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static Dictionary<(ulong, int), Stamp> Kept(GatewayPipeline pipeline)
    {
        var kept = new Dictionary<(ulong, int), Stamp>();
        for (var number = pipeline.Journal.FirstFrame; pipeline.Journal.Read(number) is { } frame; number++)
        {
            foreach (var batch in frame.Batches)
            {
                foreach (var record in batch.Kept)
                {
                    kept.Add((batch.Sequence, record.Index), frame.Stamps[record.Stamp]);
                }
            }
        }

        return kept;
    }

    private GatewayPipeline Open() => new(
        _fixture.Settings, _fixture.Options, _store, _incidents, _fixture.Time,
        new GatewayPipelineInstruments(_services.GetRequiredService<IMeterFactory>()), NullLoggerFactory.Instance);

    private static Task Send(GatewayPipeline pipeline, params TestSpan[] spans) => Send(pipeline, PipelineFixture.Acme, "checkout", spans);

    private static async Task Send(GatewayPipeline pipeline, TenantId tenant, string service, params TestSpan[] spans) =>
        Assert.Equal(
            AppendOutcome.Accepted,
            await pipeline.Log.AppendAsync(new IngestBatch(tenant, Signal.Traces, SpanRequest.Of(service, spans), spans.Length, null, PipelineFixture.Profile), CancellationToken.None));

    private async Task<List<(Envelope Envelope, byte[] Payload)>> Read(TenantId tenant, Signal signal)
    {
        var frames = new List<(Envelope, byte[])>();
        await foreach (var item in _store.ListAsync($"archive/v1/{tenant.Value}/{signal.ToName()}/", CancellationToken.None))
        {
            if (!item.Key.EndsWith(ArchiveLayout.ManifestSuffix, StringComparison.Ordinal))
            {
                continue;
            }

            await using var stream = await _store.OpenReadAsync(item.Key, CancellationToken.None);
            using var memory = new MemoryStream();
            await stream.CopyToAsync(memory);
            Assert.True(ChunkManifest.TryParse(memory.ToArray(), out var manifest));
            await foreach (var frame in SegmentReader.ReadAsync(_store, manifest, CancellationToken.None))
            {
                frames.Add((frame.Envelope, frame.Payload.ToArray()));
            }
        }

        return frames;
    }
}
