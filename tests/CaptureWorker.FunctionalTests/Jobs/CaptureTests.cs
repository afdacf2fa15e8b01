using System.Text.Json;
using StellaOps.Telemetry.Archive;
using StellaOps.Telemetry.Archive.Frames;
using StellaOps.Telemetry.CaptureWorker.FunctionalTests.TestServices;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Captures;
using StellaOps.Telemetry.Evidence.Bundles;
using StellaOps.Telemetry.Tests.Shared.Redis;

namespace StellaOps.Telemetry.CaptureWorker.FunctionalTests.Jobs;

public sealed class CaptureTests
{
    private const long Second = 1_000_000_000;

    private static readonly byte[] s_first = OtlpBytes.Spans("checkout", (1, 1, 300, "a"), (1, 2, 100, "b"), (2, 3, 200, "c"));
    private static readonly byte[] s_second = OtlpBytes.Spans("payment", (3, 4, 250, "d"), (1, 5, 100, "e"));
    private static readonly byte[] s_logs = OtlpBytes.Logs("checkout", (100, "same line"), (100, "same line"), (50, "other line"));
    private static readonly byte[] s_points = OtlpBytes.Gauge("checkout", "queue", (10, 1), (20, 2));

    [Theory]
    [InlineData(RedisKind.Garnet)]
    [InlineData(RedisKind.RedisServer)]
    public async Task Capture_ShuffledOverGatewaysWithCopiesAndRetransmissions_GivesTheSameArchive(RedisKind kind)
    {
        await using var plain = await CaptureFixture.StartAsync(kind);
        var one = await plain.StartGatewayAsync("gw-1");
        one.Accept(CaptureFixture.Tenant, Signal.Traces, s_first, 3, plain.FromNano + Second);
        one.Accept(CaptureFixture.Tenant, Signal.Traces, s_second, 2, plain.FromNano + (2 * Second));
        one.Accept(CaptureFixture.Tenant, Signal.Logs, s_logs, 3, plain.FromNano + (3 * Second));
        one.Accept(CaptureFixture.Tenant, Signal.Metrics, s_points, 2, plain.FromNano + (4 * Second));
        one.Answer();
        var expected = await plain.CaptureAsync(await plain.StartWorkerAsync("plain"));

        // Other gateways, another order, a sender's retransmissions of every batch to another gateway, and sampled copies in the archive.
        await using var shuffled = await CaptureFixture.StartAsync();
        var a = await shuffled.StartGatewayAsync("gw-a");
        var b = await shuffled.StartGatewayAsync("gw-b");
        a.Accept(CaptureFixture.Tenant, Signal.Metrics, s_points, 2, shuffled.FromNano + Second);
        var logs = a.Accept(CaptureFixture.Tenant, Signal.Logs, s_logs, 3, shuffled.FromNano + (2 * Second));
        a.Accept(CaptureFixture.Tenant, Signal.Traces, s_second, 2, shuffled.FromNano + (3 * Second));
        b.Accept(CaptureFixture.Tenant, Signal.Traces, s_first, 3, shuffled.FromNano + (4 * Second));
        b.Accept(CaptureFixture.Tenant, Signal.Traces, s_second, 2, shuffled.FromNano + (5 * Second));
        b.Accept(CaptureFixture.Tenant, Signal.Logs, s_logs, 3, shuffled.FromNano + (6 * Second));
        b.Accept(CaptureFixture.Tenant, Signal.Metrics, s_points, 2, shuffled.FromNano + (7 * Second));
        await a.ArchiveAsync(logs with { Kept = [new KeptRecord(2, 0)], Stamps = [new Stamp("baseline", 0.1, null)] }, OtlpBytes.Logs("checkout", (50, "other line")));
        a.Answer();
        b.Answer();
        var actual = await shuffled.CaptureAsync(await shuffled.StartWorkerAsync("shuffled", ("Stella__Capture__SortBlockBytes", "65536")));

        Assert.Equal((CaptureState.Succeeded, CaptureState.Succeeded), (expected.State, actual.State));
        Assert.Equal(new Dictionary<string, long> { ["logs"] = 3, ["metrics"] = 2, ["traces"] = 5 }, actual.Records);
        Assert.Empty(actual.Gaps);
        Assert.Equal(expected.ArchiveHash, actual.ArchiveHash);
    }

    [Fact]
    public async Task Capture_SameBatchTwiceInTenMinutesApart_IsTwoBatches()
    {
        await using var fixture = await CaptureFixture.StartAsync();
        var gateway = await fixture.StartGatewayAsync("gw-1");
        gateway.Accept(CaptureFixture.Tenant, Signal.Logs, s_logs, 3, fixture.FromNano - (600 * Second));
        gateway.Accept(CaptureFixture.Tenant, Signal.Logs, s_logs, 3, fixture.FromNano + Second);
        gateway.Accept(CaptureFixture.Tenant, Signal.Logs, s_logs, 3, fixture.FromNano + (2 * Second), mark: "replay/1");
        gateway.Answer();

        var job = await fixture.CaptureAsync(
            await fixture.StartWorkerAsync("worker"), new CreateCaptureRequest(CaptureFixture.Tenant, fixture.From.AddMinutes(-11), fixture.To));

        Assert.Equal(9, job.Records["logs"]);
    }

    [Fact]
    public async Task Capture_WindowServiceAndTrace_TakesOnlyTheirRecords()
    {
        await using var fixture = await CaptureFixture.StartAsync();
        var gateway = await fixture.StartGatewayAsync("gw-1");
        gateway.Accept(CaptureFixture.Tenant, Signal.Traces, s_first, 3, fixture.FromNano);
        gateway.Accept(CaptureFixture.Tenant, Signal.Traces, s_second, 2, fixture.FromNano + Second);
        gateway.Accept(CaptureFixture.Tenant, Signal.Traces, OtlpBytes.Spans("checkout", (1, 9, 1, "after the end")), 1, fixture.FromNano + (120 * Second));
        gateway.Accept(Contracts.Tenants.TenantId.Parse("other"), Signal.Traces, s_first, 3, fixture.FromNano + Second);
        gateway.Answer();
        var worker = await fixture.StartWorkerAsync("worker");
        var request = new CreateCaptureRequest(CaptureFixture.Tenant, fixture.From, fixture.To);

        var all = await fixture.CaptureAsync(worker, request);
        var ofService = await fixture.CaptureAsync(worker, request with { Services = ["payment"] });
        var ofTrace = await fixture.CaptureAsync(worker, request with { TraceId = "01010101010101010101010101010101" });

        Assert.Equal((5, 2, 3), (all.Records["traces"], ofService.Records["traces"], ofTrace.Records["traces"]));
    }

    [Fact]
    public async Task Capture_ByAnotherWorkerAfterWipingJobsAndCaches_HasTheSameHashAndVerifies()
    {
        await using var fixture = await CaptureFixture.StartAsync();
        var gateway = await fixture.StartGatewayAsync("gw-1");
        gateway.Accept(CaptureFixture.Tenant, Signal.Traces, s_first, 3, fixture.FromNano + Second);
        gateway.Answer();
        var first = await fixture.StartWorkerAsync("first");
        var before = await fixture.CaptureAsync(first);
        var verification = await VerifyAsync(fixture, before);
        await fixture.StopWorkerAsync(first);

        await fixture.Redis.FlushAsync();
        await gateway.HeartbeatAsync();
        await using (var wipe = fixture.Database.DataSource.CreateCommand("TRUNCATE capture.jobs, capture.gateways"))
        {
            await wipe.ExecuteNonQueryAsync();
        }

        Directory.Delete(fixture.BundlePath, recursive: true);
        var after = await fixture.CaptureAsync(await fixture.StartWorkerAsync("second"));

        Assert.True(verification.Ok, string.Join('\n', verification.Checks));
        Assert.Equal("second", after.Worker);
        Assert.Equal(before.ArchiveHash, after.ArchiveHash);
    }

    [Fact]
    public async Task Capture_GatewaysSilentFailingOrShortOfMemory_AreNamedGaps()
    {
        await using var fixture = await CaptureFixture.StartAsync();
        var silent = await fixture.StartGatewayAsync("gw-silent");
        var failing = await fixture.StartGatewayAsync("gw-failing");
        var forgetful = await fixture.StartGatewayAsync("gw-forgetful");
        var worker = await fixture.StartWorkerAsync("worker", ("Stella__Capture__PromotionTimeout", "00:00:01"));
        await fixture.CaptureAsync(worker);
        failing.Failure = "the disk is full";
        forgetful.LogFrom = fixture.FromNano + Second;

        // Redis forgets the silent one; PostgreSQL does not.
        await fixture.Redis.FlushAsync();
        await failing.HeartbeatAsync();
        failing.Answer();
        forgetful.Answer();
        var job = await fixture.CaptureAsync(worker);

        Assert.Equal(CaptureState.Succeeded, job.State);
        Assert.Equal(0, silent.Promotions);
        Assert.Collection(
            job.Gaps,
            g => Assert.StartsWith("gateway gw-silent did not answer within 1 s", g, StringComparison.Ordinal),
            g => Assert.Equal("gateway gw-failing could not promote: the disk is full", g),
            g => Assert.StartsWith("gateway gw-forgetful: its recorder reaches back to ", g, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Capture_DamagedChunk_IsLeftOutAndNamed()
    {
        await using var fixture = await CaptureFixture.StartAsync();
        var gateway = await fixture.StartGatewayAsync("gw-1");
        var whole = gateway.Accept(CaptureFixture.Tenant, Signal.Traces, s_first, 3, fixture.FromNano + Second);
        await gateway.ArchiveAsync(whole, s_first);
        var file = Directory.EnumerateFiles(fixture.ArchivePath, "*.otlp.zst", SearchOption.AllDirectories).Single();
        var bytes = await File.ReadAllBytesAsync(file);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(file, bytes);
        gateway.Failure = "gone";
        gateway.Answer();

        var job = await fixture.CaptureAsync(await fixture.StartWorkerAsync("worker"));

        Assert.Empty(job.Records);
        Assert.Contains(job.Gaps, g => g.StartsWith("chunk archive/v1/acme/traces/", StringComparison.Ordinal) && g.Contains("is left out, 3 records: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Capture_WorkerDies_AnotherTakesTheJobOver()
    {
        await using var fixture = await CaptureFixture.StartAsync();
        var gateway = await fixture.StartGatewayAsync("gw-1");
        gateway.Accept(CaptureFixture.Tenant, Signal.Traces, s_first, 3, fixture.FromNano + Second);
        gateway.Answer();
        var worker = await fixture.StartWorkerAsync("alive");
        var client = fixture.Client(worker);

        // A job as a killed worker leaves it: running, its lease over.
        await using (var dead = fixture.Database.DataSource.CreateCommand(
            """
            INSERT INTO capture.jobs (id, tenant, from_ns, to_ns, services, state, worker, lease_until, attempt, phase, requested_by, requested_at)
            VALUES ('cap-dead', 'acme', $1, $2, '{}', 'running', 'dead', now() + interval '1 second', 1, 'reading', 'rita', now())
            """))
        {
            dead.Parameters.AddWithValue(fixture.FromNano);
            dead.Parameters.AddWithValue(fixture.FromNano + (120 * Second));
            await dead.ExecuteNonQueryAsync();
        }

        Assert.Equal("dead", (await client.GetAsync("cap-dead", CancellationToken.None)).Worker);
        var job = await CaptureFixture.EndOfAsync(client, "cap-dead");

        Assert.Equal(("alive", CaptureState.Succeeded, 3L), (job.Worker, job.State, job.Records["traces"]));
    }

    [Fact]
    public async Task Provenance_TellsRequestGatewaysLedgerAndChunks()
    {
        await using var fixture = await CaptureFixture.StartAsync();
        var gateway = await fixture.StartGatewayAsync("gw-1");
        gateway.Accept(CaptureFixture.Tenant, Signal.Traces, s_first, 3, fixture.FromNano + Second);
        gateway.Answer();
        var job = await fixture.CaptureAsync(await fixture.StartWorkerAsync("worker"));

        using var document = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(fixture.BundlePath, job.Id, job.BundleName + ".provenance.json")));
        var root = document.RootElement;

        Assert.Equal(job.Id, root.GetProperty("request").GetProperty("id").GetString());
        Assert.Equal(job.ArchiveHash, root.GetProperty("bundle").GetProperty("archiveHash").GetString());
        Assert.True(root.GetProperty("gateways")[0].GetProperty("answered").GetBoolean());
        var completeness = root.GetProperty("completeness");
        Assert.True(completeness.GetProperty("complete").GetBoolean());
        Assert.Equal(0, completeness.GetProperty("reasons").GetArrayLength());
        var traces = completeness.GetProperty("signals").GetProperty("traces");
        Assert.Equal((3, 3, 3), (traces.GetProperty("accepted").GetInt64(), traces.GetProperty("read").GetInt64(), traces.GetProperty("captured").GetInt64()));
        Assert.True(root.GetProperty("gateways")[0].GetProperty("settled").GetBoolean());
        Assert.Equal(0, root.GetProperty("missingChunks").GetArrayLength());
        Assert.Equal("promoted", root.GetProperty("chunks")[0].GetProperty("tier").GetString());
    }

    private static Task<BundleVerification> VerifyAsync(CaptureFixture fixture, CaptureResponse job) => new BundleVerifier(new OtlpFrameInspector()).VerifyAsync(
        Path.Combine(fixture.BundlePath, job.Id, job.BundleName + ".tar.zst"), [fixture.EvidenceKey.Public], CancellationToken.None);
}
