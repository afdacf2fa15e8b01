using System.Text;
using System.Text.Json;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Collector.Trace.V1;
using StellaOps.Telemetry.Archive.Search;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Archive.Tests.TestServices;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Search;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Otlp;
using StellaOps.Telemetry.Tests.Shared.Otlp;
using static StellaOps.Telemetry.Archive.Tests.TestServices.ArchiveSandbox;

namespace StellaOps.Telemetry.Archive.Tests.Search;

public sealed class ArchiveSearchTests : IDisposable
{
    private static readonly ArchiveQuery s_all = new(Tenant, HalfPastTen - Hour, HalfPastTen + (2 * Hour), [.. SignalNames.All], new RecordQuery(), 10_000) { Parallelism = 3 };

    private readonly ArchiveSandbox _archive = new();

    [Fact]
    public async Task Find_ManySegmentsOfAllSignalsAndGateways_AreAllRecordsInTheOrderOfAcceptance()
    {
        var (expected, random) = (new List<HitKey>(), new Random(3));
        for (var segment = 0; segment < 40; segment++)
        {
            var signal = (Signal)(1 + (segment % 3));
            var gateway = $"gw-{segment % 2}";
            var start = HalfPastTen + random.NextInt64(Hour * 14 / 10);
            var frames = new List<(Envelope, byte[])>();
            for (var i = 0; i < 3; i++)
            {
                var request = RandomOtlp.Request(signal, (segment * 10) + i);
                var records = Oracle.Records(request).Count();
                var batch = Batch(signal, (ulong)((segment * 10) + i + 1), Math.Min(start + (i * Second), EndOfHour(start)), records, gateway);
                frames.Add((batch, request.ToByteArray()));
                expected.AddRange(Enumerable.Range(0, records).Select(r => new HitKey(batch.AcceptedAtUnixNano, gateway, batch.Sequence, r)));
            }

            await _archive.WriteAsync(KnownTiers.Default, [.. frames]);
        }

        var (hits, progress) = await FindAsync(s_all);

        Assert.Equal(expected.Order(), hits.Select(h => h.Key));
        Assert.Equal((40L, 0L, (long)expected.Count, false, 1.0), (progress.Scanned, progress.Damaged, progress.Records, progress.IsLimited, progress.Done));
    }

    [Fact]
    public async Task Find_CopiesOfOneBatch_AreShownOnce_WithWhyTheyWereKept()
    {
        var request = RandomOtlp.Traces(1, 5);
        var whole = Batch(Signal.Traces, 7, HalfPastTen, Oracle.Records(request).Count());
        var stamp = new Stamp("errors", 0.5, "inc-1");
        var kept = Oracle.Keep(OtlpSignal.Traces, request.ToByteArray(), [1, 3]).ToByteArray();
        var partial = whole with { Kept = [new KeptRecord(1, 0), new KeptRecord(3, 0)], Stamps = [stamp] };
        await _archive.WriteAsync(KnownTiers.Promoted, (whole, request.ToByteArray()), (Batch(Signal.Traces, 9, HalfPastTen + Second, 1), Wire.Request("x", Wire.Span(1))));
        await _archive.WriteAsync(KnownTiers.Default, (partial, kept));

        // What a crash between a segment and its cursor leaves: the same frame again, among others.
        await _archive.WriteAsync(KnownTiers.Default, (Batch(Signal.Traces, 5, HalfPastTen - Second, 1), Wire.Request("x", Wire.Span(1))), (partial, kept));

        var (hits, _) = await FindAsync(s_all);

        Assert.Equal([(5UL, 0), .. Enumerable.Range(0, whole.RecordCount).Select(i => (7UL, i)), (9UL, 0)], hits.Select(h => (h.Key.Sequence, h.Key.Index)));
        Assert.Equal([1, 3], hits.Where(h => h.Stamp == stamp).Select(h => h.Key.Index));
        Assert.Equal(Oracle.Single(request)[3], ExportTraceServiceRequest.Parser.ParseFrom(hits[4].Frame));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(30)]
    [InlineData(31)]
    public async Task Find_Limit_ShowsTheFirstOnes_AndSaysThatThereMayBeMore(int limit)
    {
        for (var i = 0; i < 10; i++)
        {
            // The later a segment is accepted the earlier it is named.
            var batch = Batch(Signal.Traces, (ulong)(100 - i), HalfPastTen + (i * Second), 3);
            await _archive.WriteAsync(KnownTiers.Default, (batch, Wire.Request("shop", Wire.Span(1), Wire.Span(2), Wire.Span(3))));
        }

        var (hits, progress) = await FindAsync(s_all with { Limit = limit });

        Assert.Equal(Enumerable.Range(0, Math.Min(limit, 30)).Select(i => ((ulong)(100 - (i / 3)), i % 3)), hits.Select(h => (h.Key.Sequence, h.Key.Index)));
        Assert.Equal(limit <= 30, progress.IsLimited);
    }

    [Fact]
    public async Task Find_MoreThanMemoryHolds_EndsWithTheFirstOnes()
    {
        await _archive.WriteAsync(KnownTiers.Default, (Batch(Signal.Traces, 1, HalfPastTen, 3), Wire.Request("shop", Wire.Span(1, 60_000), Wire.Span(2, 60_000), Wire.Span(3, 60_000))));

        var (hits, progress) = await FindAsync(s_all with { MaxHeldBytes = 3 * 130_000 });

        Assert.Equal([0, 1], hits.Select(h => h.Key.Index));
        Assert.True(progress.IsLimited);
    }

    [Fact]
    public async Task Find_DamagedSegment_IsNamedAndNothingOfItShown()
    {
        var good = await _archive.WriteAsync(KnownTiers.Default, (Batch(Signal.Traces, 1, HalfPastTen, 1), Wire.Request("shop", Wire.Span(1))));
        var bad = await _archive.WriteAsync(KnownTiers.Default, (Batch(Signal.Traces, 2, HalfPastTen + Second, 1), Wire.Request("shop", Wire.Span(2))));
        var gone = await _archive.WriteAsync(KnownTiers.Default, (Batch(Signal.Traces, 3, HalfPastTen + Second, 1), Wire.Request("shop", Wire.Span(3))));
        var lying = await _archive.WriteAsync(KnownTiers.Default, (Batch(Signal.Traces, 4, HalfPastTen + Second, 2), Wire.Request("shop", Wire.Span(3))));
        await _archive.DamageAsync(bad);
        File.Delete(Path.Combine(_archive.Root, gone.SegmentKey));

        var (hits, progress) = await FindAsync(s_all);

        Assert.Equal([1UL], hits.Select(h => h.Key.Sequence));
        Assert.Equal(new[] { bad.SegmentKey, gone.SegmentKey, lying.SegmentKey }.Order(), progress.Damages.Select(d => d.Key).Order());
        Assert.Equal((good.StoredBytes, good.ContentBytes), (progress.StoredBytes, progress.ContentBytes));
    }

    [Fact]
    public async Task Find_ManifestsRuleSegmentsOut_ByTimeServiceAndEventTime()
    {
        await _archive.WriteAsync(KnownTiers.Default, (Batch(Signal.Traces, 1, HalfPastTen, 1), Wire.Request("shop", Wire.Span(100))));
        await _archive.WriteAsync(KnownTiers.Default, (Batch(Signal.Traces, 2, HalfPastTen, 1), Wire.Request("cart", Wire.Span(200))));
        await _archive.WriteAsync(KnownTiers.Default, (Batch(Signal.Traces, 3, HalfPastTen, 1), Wire.Request("cart", Wire.Span(0))));
        await _archive.WriteAsync(KnownTiers.Default, (Batch(Signal.Traces, 4, HalfPastTen + Second, 1), Wire.Request("shop", Wire.Span(100))));

        var byService = await FindAsync(s_all with { Record = new RecordQuery { Services = ["shop"] } });
        var byEvent = await FindAsync(s_all with { Record = new RecordQuery { EventFromUnixNano = 150, EventToUnixNano = 201 } });
        var byWindow = await FindAsync(s_all with { FromUnixNano = HalfPastTen + 1 });
        var ofOther = await FindAsync(s_all with { Tenant = TenantId.Parse("other") });

        Assert.Equal([1UL, 4UL], Sequences(byService.Hits));
        Assert.Equal([2UL], Sequences(byEvent.Hits));
        Assert.Equal([4UL], Sequences(byWindow.Hits));
        Assert.Equal((2L, 3L), (byService.Progress.Pruned, byEvent.Progress.Pruned));
        Assert.Empty(ofOther.Hits);
    }

    [Fact]
    public async Task Find_ReaderStopsEarly_TheSearchEnds()
    {
        for (var i = 0; i < 20; i++)
        {
            await _archive.WriteAsync(KnownTiers.Default, (Batch(Signal.Traces, (ulong)i + 1, HalfPastTen + (i * Second), 100), Wire.Request("shop", [.. Enumerable.Repeat(Wire.Span(1), 100)])));
        }

        var progress = new SearchProgress();
        await foreach (var _ in new ArchiveSearch(_archive.Store).FindAsync(s_all, progress, CancellationToken.None))
        {
            break;
        }

        // It had no place for all of it ahead of its reader.
        Assert.True(progress.Scanned < 20);
    }

    [Fact]
    public async Task Lines_SayWhichRecordAndWhyItWasKept_AndEndWithWhatTheSearchWasWorth()
    {
        var request = ExportLogsServiceRequest.Parser.ParseJson("""
            {"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeLogs":[{"logRecords":[
            {"timeUnixNano":"5","severityNumber":17,"body":{"stringValue":"größe \"7\""},"traceId":"AQEBAQEBAQEBAQEBAQEBAQ=="}]}]}]}
            """).ToByteArray();
        var batch = Batch(Signal.Logs, ulong.MaxValue, HalfPastTen, 9) with { Kept = [new KeptRecord(8, 0)], Stamps = [new Stamp("errors", 0.25, "inc-1")], ReplayMark = "replay/1" };
        await _archive.WriteAsync(KnownTiers.Default, (batch, request));

        var lines = new List<string>();
        var query = SearchRequestRules.ToQuery(new ArchiveSearchRequest(
            Tenant, DateTimeOffset.UnixEpoch.AddTicks(HalfPastTen / 100), DateTimeOffset.UnixEpoch.AddTicks((HalfPastTen / 100) + 1), MinSeverity: "error", Text: "GRößE", IgnoreCase: true));
        await foreach (var line in SearchAnswer.LinesAsync(_archive.Store, query, null, TimeProvider.System, _ => { }, CancellationToken.None))
        {
            lines.Add(Encoding.UTF8.GetString(line.Span));
        }

        Assert.Equal(
            """{"signal":"logs","acceptedAtUnixNano":"1772361000000000000","gateway":"gw-1","sequence":"18446744073709551615","index":8,"tier":"default","kept":{"policy":"errors","rate":0.25,"incident":"inc-1"},"replay":"replay/1","otlp":{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeLogs":[{"scope":{},"logRecords":[{"timeUnixNano":"5","severityNumber":17,"body":{"stringValue":"größe \"7\""},"traceId":"01010101010101010101010101010101"}]}]}]}}""" + "\n",
            lines[0]);
        var summary = JsonSerializer.Deserialize(lines[1], ContractsJson.Default.ArchiveSearchNote)!.Summary!;
        Assert.Equal((2, true, 1L, 1L, 1L, 0L), (lines.Count, summary.Complete, summary.Found, summary.SegmentsScanned, summary.RecordsScanned, summary.SegmentsDamaged));
    }

    [Theory]
    [InlineData("warn", 13)]
    [InlineData("FATAL4", 24)]
    [InlineData("9", 9)]
    [InlineData("loud", null)]
    [InlineData("WARN5", null)]
    [InlineData("0", null)]
    public void SeverityNames_AsPeopleWriteThem(string text, int? expected) =>
        Assert.Equal(expected, SeverityNames.TryParse(text, out var severity) ? severity : null);

    public void Dispose() => _archive.Dispose();

    private static long EndOfHour(long unixNano) => ArchiveLayout.StartOfHour(ArchiveLayout.HourOf(unixNano) + 1) - 1;

    private static ulong[] Sequences(IEnumerable<SearchHit> hits) => [.. hits.Select(h => h.Key.Sequence)];

    private async Task<(List<SearchHit> Hits, SearchProgress Progress)> FindAsync(ArchiveQuery query)
    {
        var (hits, progress) = (new List<SearchHit>(), new SearchProgress());
        await foreach (var hit in new ArchiveSearch(_archive.Store).FindAsync(query, progress, CancellationToken.None))
        {
            hits.Add(hit);
        }

        return (hits, progress);
    }
}
