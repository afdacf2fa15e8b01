using System.Text;
using Microsoft.AspNetCore.Http;
using StellaOps.Telemetry.IngestGateway.Tests.TestServices;

namespace StellaOps.Telemetry.IngestGateway.Tests.Exporters;

/// <summary>A store that does everything but its work, and what becomes of the records.</summary>
public sealed class OtlpExporterDeliveryTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Pump_ManyFrames_JoinsBatchesOfATenantInOrder(bool grpc)
    {
        await using var sink = await OtlpSink.StartAsync(grpc);
        using var bench = new ExporterBench(ExporterBench.SettingsFor(sink, grpc));
        for (var i = 0; i < 20; i++)
        {
            await bench.KeepAsync(ExporterBench.LogBatch($"acme-{i:d2}"), ExporterBench.LogBatch($"globex-{i:d2}", PipelineFixture.Globex));
        }

        await bench.PumpAsync();

        Assert.Equal(["acme", "globex"], sink.Requests.Select(r => r.Tenant).Order());
        var acme = sink.Requests.Single(r => r.Tenant == "acme");
        Assert.Equal(Enumerable.Range(0, 20).SelectMany(i => ExporterBench.LogBatch($"acme-{i:d2}").Payload), acme.Body);
        Assert.Equal((20ul, 40L, 0L), (bench.Cursor.Done, bench.Cursor.Exported, bench.Cursor.DeadLettered));
    }

    [Fact]
    public async Task Pump_RequestThatIsNotFull_WaitsForMoreOfItsTenantAndNoLongerThanItMay()
    {
        await using var sink = await OtlpSink.StartAsync(grpc: true);
        using var bench = new ExporterBench(ExporterBench.SettingsFor(sink, grpc: true), linger: TimeSpan.FromMilliseconds(200));
        await bench.KeepAsync(ExporterBench.LogBatch("0-first"));
        var pump = bench.Exporter.PumpAsync(CancellationToken.None);
        bench.Fixture.Time.Advance(TimeSpan.FromMilliseconds(100));
        await bench.KeepAsync(ExporterBench.LogBatch("1-joins"), ExporterBench.LogBatch("2-of-another", PipelineFixture.Globex));

        // The pump is woken by the commit and has both; that it does not send is seen by what it sends in the end.
        await Task.Delay(100, TestContext.Current.CancellationToken);
        Assert.Empty(sink.Requests);
        bench.Fixture.Time.Advance(TimeSpan.FromMilliseconds(100));
        await Until(bench, () => sink.Requests.Count == 1, TimeSpan.Zero);
        Assert.Equal("acme", Assert.Single(sink.Requests).Tenant);
        bench.Fixture.Time.Advance(TimeSpan.FromMilliseconds(100));
        await bench.RunAsync(pump);

        Assert.Equal([0, 1, 2], Said(sink));
        Assert.Equal(2, sink.Requests.Count);
    }

    [Theory]
    [InlineData(true, 8)]
    [InlineData(false, 413)]
    public async Task Pump_StoreTakesNoneSoLarge_HalvesAndBuriesOnlyWhatIsTooLargeAlone(bool grpc, int refusal)
    {
        await using var sink = await OtlpSink.StartAsync(grpc);
        sink.Judge = r => r.Body.Length > 3000 ? refusal : null;
        using var bench = new ExporterBench(ExporterBench.SettingsFor(sink, grpc));
        await bench.KeepAsync([.. Enumerable.Range(0, 9).Select(i => ExporterBench.LogBatch($"{i}-" + new string('x', i == 4 ? 5000 : 900)))]);

        await bench.PumpAsync();

        Assert.Equal([0, 1, 2, 3, 5, 6, 7, 8], Said(sink));
        Assert.Single(bench.DeadLetters);
        Assert.Equal((8L, 1L), (bench.Cursor.Exported, bench.Cursor.DeadLettered));
    }

    [Theory]
    [InlineData(true, 3)]
    [InlineData(false, 400)]
    public async Task Pump_OneBadBatchInAJoinedRequest_CostsOnlyItself(bool grpc, int refusal)
    {
        await using var sink = await OtlpSink.StartAsync(grpc);
        sink.Judge = r => Encoding.UTF8.GetString(r.Body).Contains("3-bad", StringComparison.Ordinal) ? refusal : null;
        using var bench = new ExporterBench(ExporterBench.SettingsFor(sink, grpc));
        await bench.KeepAsync([.. Enumerable.Range(0, 6).Select(i => ExporterBench.LogBatch(i == 3 ? "3-bad" : $"{i}-good"))]);

        await bench.PumpAsync();

        Assert.Equal([0, 1, 2, 4, 5], Said(sink));
        Assert.Single(bench.DeadLetters);
        Assert.Equal((1ul, 5L, 1L), (bench.Cursor.Done, bench.Cursor.Exported, bench.Cursor.DeadLettered));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Pump_StoreLiesHangsAndResets_DeliversEverythingAtLast(bool grpc)
    {
        await using var sink = await OtlpSink.StartAsync(grpc);
        sink.Script.Enqueue(Hang);
        sink.Script.Enqueue(Reset);
        sink.Script.Enqueue((c, _) => Write(c, 502, "text/html", "<html>bad gateway</html>"u8.ToArray(), null));
        sink.Script.Enqueue((c, _) => Write(c, 503, "text/plain", new byte[300_000], null));
        sink.Script.Enqueue((c, _) => Write(c, 200, "application/octet-stream", [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], grpc ? "" : null));
        using var bench = new ExporterBench(ExporterBench.SettingsFor(sink, grpc) with { Timeout = TimeSpan.FromMilliseconds(300) });
        for (var i = 0; i < 4; i++)
        {
            await bench.KeepAsync(ExporterBench.LogBatch($"{i}-record"));
        }

        await bench.PumpAsync();

        // Over HTTP, whatever a 200 says else, it says that the store has it.
        Assert.Equal(4, bench.Cursor.Exported);
        Assert.Equal([0, 1, 2, 3], Said(grpc ? sink.Accepted : sink.Requests).Distinct());
        Assert.Empty(bench.DeadLetters);
        Assert.Empty(sink.Script);
    }

    [Fact]
    public async Task Pump_PartialSuccess_CountsWhatTheStoreDidNotTake()
    {
        await using var sink = await OtlpSink.StartAsync(grpc: false);
        // ExportLogsServiceResponse { partial_success = 1: { rejected = 1: 2, message = 2: "old" } }
        sink.Script.Enqueue((c, _) => Write(c, 200, "application/x-protobuf", [0x0A, 0x07, 0x08, 0x02, 0x12, 0x03, (byte)'o', (byte)'l', (byte)'d'], null));
        using var bench = new ExporterBench(ExporterBench.SettingsFor(sink, grpc: false));
        await bench.KeepAsync([.. Enumerable.Range(0, 5).Select(i => ExporterBench.LogBatch($"{i}-record"))]);

        await bench.PumpAsync();

        Assert.Equal((3L, 2L, "old"), (bench.Cursor.Exported, bench.Cursor.DeadLettered, bench.Exporter.Status.LastError));
        Assert.Single(sink.Requests);
    }

    [Fact]
    public async Task Pump_RetryAfter_IsHonouredAndBounded()
    {
        await using var sink = await OtlpSink.StartAsync(grpc: false);
        foreach (var seconds in new[] { "3", "86400" })
        {
            sink.Script.Enqueue((c, _) =>
            {
                c.Response.Headers.RetryAfter = seconds;
                return Write(c, 429, "text/plain", [], null);
            });
        }

        using var bench = new ExporterBench(ExporterBench.SettingsFor(sink, grpc: false) with { MaxElapsed = TimeSpan.FromDays(1) });
        await bench.KeepAsync(ExporterBench.LogBatch("0-record"));
        var started = bench.Fixture.Time.GetUtcNow();
        var pump = bench.Exporter.PumpAsync(CancellationToken.None);
        await Until(bench, () => sink.Requests.Count == 2, TimeSpan.FromMilliseconds(100));
        Assert.InRange(bench.Fixture.Time.GetUtcNow() - started, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(30));
        await Until(bench, () => sink.Requests.Count == 3, TimeSpan.FromSeconds(5));
        Assert.InRange(bench.Fixture.Time.GetUtcNow() - started, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(20));
        await bench.RunAsync(pump);
        Assert.Equal(1, bench.Cursor.Exported);
    }

    [Fact]
    public async Task Pump_StoreIsDeadForLongerThanTheMaximumAge_BuriesWhatIsOldAndKeepsTheRest()
    {
        await using var sink = await OtlpSink.StartAsync(grpc: true);
        sink.Judge = _ => 14;
        using var bench = new ExporterBench(ExporterBench.SettingsFor(sink, grpc: true));
        await bench.KeepAsync(ExporterBench.LogBatch("0-old"));
        bench.Fixture.Time.Advance(TimeSpan.FromMinutes(4));
        await bench.KeepAsync(ExporterBench.LogBatch("1-young"));
        var pump = bench.Exporter.PumpAsync(CancellationToken.None);

        await Until(bench, () => bench.DeadLetters.Length == 1, TimeSpan.FromMilliseconds(500));
        Assert.Equal("open", (await WhenAsync(bench, s => s.Circuit == "open")).Circuit);
        sink.Judge = _ => null;
        await bench.RunAsync(pump);

        Assert.Equal([1], Said(sink));
        Assert.Equal((2ul, 1L, 1L, "closed"), (bench.Cursor.Done, bench.Cursor.Exported, bench.Cursor.DeadLettered, bench.Exporter.Status.Circuit));
        Assert.Contains("grpc_14", await File.ReadAllTextAsync(bench.DeadLetters[0], TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pump_LaterRequestIsDoneBeforeAnEarlierOne_CursorWaitsAndACrashSendsBothAgain()
    {
        await using var sink = await OtlpSink.StartAsync(grpc: true);
        var release = new TaskCompletionSource();
        for (var i = 0; i < 3; i++)
        {
            sink.Script.Enqueue(async (_, request) =>
            {
                await (Numbers(request).Contains(0) ? release.Task : Task.CompletedTask);
                return false;
            });
        }

        using var bench = new ExporterBench(ExporterBench.SettingsFor(sink, grpc: true) with { MaxRequestBytes = 1 });
        await bench.KeepAsync(ExporterBench.LogBatch("0-slow"));
        await bench.KeepAsync(ExporterBench.LogBatch("1-fast"));
        await bench.KeepAsync(ExporterBench.LogBatch("2-fast"));
        using var stop = new CancellationTokenSource();
        var pump = bench.Exporter.PumpAsync(stop.Token);
        await Until(bench, () => sink.Accepted.Count == 2, TimeSpan.Zero);
        Assert.Equal((0ul, 0L, 3L), (bench.Cursor.Done, bench.Cursor.Exported, bench.Exporter.Status.PendingRecords));

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => bench.RunAsync(pump));
        release.SetResult();
        bench.Restart();
        await bench.PumpAsync();

        Assert.Equal([1, 1, 2, 2], Said(sink).Where(n => n > 0).Order());
        Assert.Contains(0, Said(sink));
        Assert.Equal((3ul, 3L), (bench.Cursor.Done, bench.Cursor.Exported));
    }

    [Fact]
    public async Task Pump_Stopped_LetsWhatIsOnItsWayArrive()
    {
        await using var sink = await OtlpSink.StartAsync(grpc: true);
        var (arrived, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        sink.Script.Enqueue(async (_, _) =>
        {
            arrived.SetResult();
            await release.Task;
            return false;
        });
        using var bench = new ExporterBench(ExporterBench.SettingsFor(sink, grpc: true));
        await bench.KeepAsync(ExporterBench.LogBatch("0-record"));
        using var stop = new CancellationTokenSource();
        var pump = bench.Exporter.PumpAsync(stop.Token);
        await arrived.Task;
        await stop.CancelAsync();
        release.SetResult();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pump);
        await bench.Exporter.FlushAsync(TestContext.Current.CancellationToken);

        bench.Restart();
        await bench.PumpAsync();
        Assert.Single(sink.Requests);
    }

    [Fact]
    public async Task Pump_ManyTenants_HoldsNoMoreThanItMayAndSendsAll()
    {
        await using var sink = await OtlpSink.StartAsync(grpc: true);
        using var bench = new ExporterBench(ExporterBench.SettingsFor(sink, grpc: true));
        for (var i = 0; i < 200; i++)
        {
            await bench.KeepAsync(ExporterBench.LogBatch($"{i}-" + new string('x', 20_000), Contracts.Tenants.TenantId.Parse($"tenant-{i % 100}")));
        }

        await bench.PumpAsync();

        Assert.Equal(Enumerable.Range(0, 200), Said(sink).Order());
        Assert.All(sink.Requests, r => Assert.All(Numbers(r), n => Assert.Equal($"tenant-{n % 100}", r.Tenant)));
        Assert.Equal(200, bench.Cursor.Exported);
    }

    private static IEnumerable<int> Said(OtlpSink sink) => Said(sink.Accepted);

    private static IEnumerable<int> Said(IEnumerable<SunkRequest> requests) => requests.SelectMany(Numbers).ToList();

    /// <summary>The numbers with which the records in a request begin.</summary>
    private static IEnumerable<int> Numbers(SunkRequest request) =>
        System.Text.RegularExpressions.Regex.Matches(Encoding.Latin1.GetString(request.Body), "([0-9]+)-").Select(m => int.Parse(m.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture));

    private static async Task Until(ExporterBench bench, Func<bool> holds, TimeSpan step)
    {
        for (var i = 0; i < 4000 && !holds(); i++)
        {
            bench.Fixture.Time.Advance(step);
            await Task.Delay(5);
        }

        Assert.True(holds());
    }

    private static async Task<Contracts.Gateways.ExporterStatus> WhenAsync(ExporterBench bench, Func<Contracts.Gateways.ExporterStatus, bool> holds)
    {
        await Until(bench, () => holds(bench.Exporter.Status), TimeSpan.FromMilliseconds(100));
        return bench.Exporter.Status;
    }

    private static async Task<bool> Hang(HttpContext context, SunkRequest request)
    {
        await Task.Delay(TimeSpan.FromSeconds(30), context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return true;
    }

    private static Task<bool> Reset(HttpContext context, SunkRequest request)
    {
        context.Abort();
        return Task.FromResult(true);
    }

    private static async Task<bool> Write(HttpContext context, int code, string type, byte[] body, string? trailer)
    {
        (context.Response.StatusCode, context.Response.ContentType) = (code, type);
        await context.Response.Body.WriteAsync(body);
        if (trailer is not null)
        {
            context.Response.AppendTrailer("grpc-status", "nonsense");
        }

        return true;
    }
}
