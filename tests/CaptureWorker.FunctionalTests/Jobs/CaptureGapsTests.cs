using System.Text.Json;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.CaptureWorker.FunctionalTests.TestServices;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Captures;

namespace StellaOps.Telemetry.CaptureWorker.FunctionalTests.Jobs;

/// <summary>What cannot be had is named, and the rest is captured; a bundle never looks more complete than it is.</summary>
public sealed class CaptureGapsTests
{
    private const long Second = 1_000_000_000;

    [Fact]
    public async Task Capture_ChunksMissingDamagedOrFalse_AreNamedAndTheRestIsCaptured()
    {
        await using var fixture = await CaptureFixture.StartAsync();
        var gateway = await fixture.StartGatewayAsync("gw-1");
        for (var i = 0; i < 5; i++)
        {
            var payload = OtlpBytes.Spans("checkout", ((byte)(i + 1), 1, 100, "a"), ((byte)(i + 1), 2, 200, "b"));
            var envelope = gateway.Accept(CaptureFixture.Tenant, Signal.Traces, payload, 2, fixture.FromNano + ((i + 1) * Second));

            // The fifth claims a record more than its payload has: its digests are right, its content is false.
            await gateway.ArchiveAsync(i == 4 ? envelope with { RecordCount = 3 } : envelope, payload);
        }

        gateway.Failure = "its disk is gone";
        gateway.Answer();
        var manifests = Files(fixture, ArchiveLayout.ManifestSuffix);
        var segments = Files(fixture, ArchiveLayout.SegmentSuffix);
        File.Delete(segments[0]);
        await FlipAsync(segments[1], f => f.Length / 2);
        await FlipAsync(manifests[2], _ => 10);

        var job = await fixture.CaptureAsync(await fixture.StartWorkerAsync("worker"));

        Assert.Equal((CaptureState.Succeeded, 2L, false), (job.State, job.Records["traces"], job.Complete));
        Assert.Equal("gateway gw-1 could not promote: its disk is gone", job.Gaps[0]);
        Assert.Equal(
            [$"{KeyOf(fixture, manifests[2])}: it is no chunk manifest", $"{KeyOf(fixture, segments[0])}, 2 records: it is not there, and no tombstone says why"],
            job.Gaps.Where(g => g.Contains("no chunk manifest", StringComparison.Ordinal) || g.Contains("it is not there", StringComparison.Ordinal)).Select(Bare));
        Assert.Contains(job.Gaps, g => g.Contains($"{KeyOf(fixture, segments[1])} is left out, 2 records: ", StringComparison.Ordinal));
        Assert.Contains(job.Gaps, g => g.Contains($"{KeyOf(fixture, segments[4])} is left out, 3 records: the batch of gateway gw-1, sequence 5, does not hold the 3 records", StringComparison.Ordinal));
        Assert.Equal(job.Gaps, job.Incomplete!.Take(job.Gaps.Count));

        using var provenance = await ProvenanceAsync(fixture, job);
        var missing = provenance.RootElement.GetProperty("missingChunks").EnumerateArray().ToDictionary(m => m.GetProperty("key").GetString()!, m => m.TryGetProperty("records", out var n) ? n.GetInt64() : 0);
        Assert.Equal(new Dictionary<string, long> { [KeyOf(fixture, manifests[2])] = 0, [KeyOf(fixture, segments[0])] = 2, [KeyOf(fixture, segments[1])] = 2, [KeyOf(fixture, segments[4])] = 3 }, missing);
        Assert.Equal(2, provenance.RootElement.GetProperty("completeness").GetProperty("signals").GetProperty("traces").GetProperty("read").GetInt64());
        Assert.Equal("its disk is gone", provenance.RootElement.GetProperty("gateways")[0].GetProperty("failure").GetString());
    }

    [Fact]
    public async Task Capture_GatewayBehindInTime_IsWaitedFor()
    {
        await using var fixture = await CaptureFixture.StartAsync();
        var gateway = await fixture.StartGatewayAsync("gw-slow");
        gateway.Lag = TimeSpan.FromSeconds(1.5);
        gateway.Accept(CaptureFixture.Tenant, Signal.Traces, OtlpBytes.Spans("checkout", (1, 1, 100, "a")), 1, fixture.FromNano + Second);
        gateway.Answer();

        var job = await fixture.CaptureAsync(await fixture.StartWorkerAsync("worker"));

        Assert.Equal((1L, true), (job.Records["traces"], job.Complete));
        Assert.Empty(job.Gaps);
    }

    [Fact]
    public async Task Capture_GatewayTooFarBehind_IsAGapThatSaysWhatIsNotSettled()
    {
        await using var fixture = await CaptureFixture.StartAsync();
        var gateway = await fixture.StartGatewayAsync("gw-slow");
        gateway.Lag = TimeSpan.FromMinutes(1);
        gateway.Answer();

        var job = await fixture.CaptureAsync(await fixture.StartWorkerAsync("worker", ("Stella__Capture__PromotionTimeout", "00:00:00.500")));

        Assert.Equal((CaptureState.Succeeded, false), (job.State, job.Complete));
        Assert.Equal(
            "gateway gw-slow did not answer within 0.5 s: the window's end is not settled there, and of its records the bundle holds only those archived before",
            Assert.Single(job.Gaps));
        using var provenance = await ProvenanceAsync(fixture, job);
        Assert.False(provenance.RootElement.GetProperty("gateways")[0].GetProperty("settled").GetBoolean());
    }

    [Fact]
    public async Task Capture_WindowEndsAhead_WaitsForItsEnd()
    {
        await using var fixture = await CaptureFixture.StartAsync();
        var gateway = await fixture.StartGatewayAsync("gw-1");
        gateway.Answer();
        var worker = await fixture.StartWorkerAsync("worker", ("Stella__Capture__Settle", "00:00:00.200"));
        var to = TimeProvider.System.GetUtcNow().AddSeconds(1.5);

        var job = await fixture.CaptureAsync(worker, new CreateCaptureRequest(CaptureFixture.Tenant, fixture.From, to));

        Assert.True(job.FinishedAt > to, $"finished {job.FinishedAt:O}, the window's end is {to:O}");
    }

    [Fact]
    public async Task Capture_LedgerCountsMoreThanTheArchiveHas_IsNotComplete()
    {
        await using var fixture = await CaptureFixture.StartAsync();
        var gateway = await fixture.StartGatewayAsync("gw-1");
        gateway.LedgerExcess = 4;

        // Two whole minutes and some more.
        var minute = (fixture.FromNano / (60 * Second) * 60 * Second) + (60 * Second);
        gateway.Accept(CaptureFixture.Tenant, Signal.Logs, OtlpBytes.Logs("checkout", (100, "line")), 1, minute + Second);
        gateway.Answer();

        var job = await fixture.CaptureAsync(await fixture.StartWorkerAsync("worker"));

        Assert.Empty(job.Gaps);
        Assert.False(job.Complete);
        Assert.Equal("ledgers count 5 logs records accepted in the window's whole minutes, the archive gave 1", Assert.Single(job.Incomplete!));
    }

    [Fact]
    public async Task Capture_NoGatewayKnown_IsNeverCalledComplete()
    {
        await using var fixture = await CaptureFixture.StartAsync();

        var job = await fixture.CaptureAsync(await fixture.StartWorkerAsync("worker"));

        Assert.Equal((CaptureState.Succeeded, false), (job.State, job.Complete));
        Assert.Equal("no gateway said what it accepted in the window", Assert.Single(job.Incomplete!));
    }

    private static async Task<JsonDocument> ProvenanceAsync(CaptureFixture fixture, CaptureResponse job) =>
        JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(fixture.BundlePath, job.Id, job.BundleName + ".provenance.json")));

    /// <summary>By sequence, which a name holds after the gateway's.</summary>
    private static List<string> Files(CaptureFixture fixture, string suffix) =>
        [.. Directory.EnumerateFiles(fixture.ArchivePath, "*" + suffix, SearchOption.AllDirectories).OrderBy(f => Path.GetFileName(f), StringComparer.Ordinal)];

    private static string KeyOf(CaptureFixture fixture, string file) => Path.GetRelativePath(fixture.ArchivePath, file);

    private static string Bare(string gap) => gap["chunk ".Length..].Replace(" is left out", "", StringComparison.Ordinal);

    private static async Task FlipAsync(string file, Func<byte[], int> where)
    {
        var bytes = await File.ReadAllBytesAsync(file);
        bytes[where(bytes)] ^= 1;
        await File.WriteAllBytesAsync(file, bytes);
    }
}
