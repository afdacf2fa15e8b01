using StellaOps.Telemetry.CaptureWorker.FunctionalTests.TestServices;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Captures;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.CaptureWorker.FunctionalTests.Jobs;

/// <summary>A capture is bounded by window, size and time, can be ended, and leaves nothing behind.</summary>
public sealed class CaptureLimitsTests
{
    private const long Second = 1_000_000_000;

    [Fact]
    public async Task Capture_MoreThanMayBeSorted_FailsEarlyAndSaysWhatFits()
    {
        await using var fixture = await CaptureFixture.StartAsync();
        await AcceptAsync(fixture);
        var worker = await fixture.StartWorkerAsync("worker");
        var request = new CreateCaptureRequest(CaptureFixture.Tenant, fixture.From, fixture.To, MaxContentBytes: 500);

        var early = await fixture.CaptureAsync(worker, request);
        var whileReading = await fixture.CaptureAsync(worker, request with { Services = ["checkout"] });
        var fits = await fixture.CaptureAsync(worker, request with { Services = ["payment"] });

        Assert.Equal((CaptureState.Failed, CaptureState.Failed, CaptureState.Succeeded), (early.State, whileReading.State, fits.State));
        Assert.Matches(
            @"^the window holds at least [\d.]+ kB \(traces [\d.]+ kB\), the limit is 500 bytes: capture a shorter window \(about [\d.]+ of its 2 minutes fit\), single services \(checkout, payment\) or a trace, or raise the limit \(maxContentBytes of the request, up to 100 GB, which Stella__Capture__MaxContentBytes sets\)$",
            early.Failure);
        Assert.StartsWith("the window holds more than 500 bytes, the limit is 500 bytes: ", whileReading.Failure, StringComparison.Ordinal);
        Assert.Equal(500, early.MaxContentBytes);
        await NothingIsLeftAsync(fixture);
    }

    [Fact]
    public async Task Create_LimitsBeyondTheWorkers_IsRefusedByField()
    {
        await using var fixture = await CaptureFixture.StartAsync();
        var client = fixture.Client(await fixture.StartWorkerAsync("worker", ("Stella__Capture__MaxContentBytes", "1000"), ("Stella__Capture__MaxDuration", "00:01:00")));
        var request = new CreateCaptureRequest(CaptureFixture.Tenant, fixture.From, fixture.To, MaxContentBytes: 1001, MaxDurationSeconds: 61);

        var refused = await Assert.ThrowsAsync<ApiException>(() => client.CreateAsync(request, null, CancellationToken.None));

        Assert.Equal(KnownProblems.Validation, refused.Type);
        Assert.Contains("maxContentBytes: is not 1 to 1000, this worker's limit (Stella__Capture__MaxContentBytes)", refused.Message, StringComparison.Ordinal);
        Assert.Contains("maxDurationSeconds: is not 1 to 60, this worker's limit (Stella__Capture__MaxDuration)", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Capture_LongerThanItMayTake_FailsAndSaysWhere()
    {
        await using var fixture = await CaptureFixture.StartAsync();
        await fixture.StartGatewayAsync("gw-silent");

        var job = await fixture.CaptureAsync(
            await fixture.StartWorkerAsync("worker"), new CreateCaptureRequest(CaptureFixture.Tenant, fixture.From, fixture.To, MaxDurationSeconds: 1));

        Assert.Equal(CaptureState.Failed, job.State);
        Assert.StartsWith("stopped while promoting: it took longer than its limit of 1 s; ", job.Failure, StringComparison.Ordinal);
        await NothingIsLeftAsync(fixture);
    }

    [Fact]
    public async Task Cancel_QueuedRunningAndEnded_EndsWhatHasNotEnded()
    {
        await using var fixture = await CaptureFixture.StartAsync();
        await fixture.StartGatewayAsync("gw-silent");
        var client = fixture.Client(await fixture.StartWorkerAsync("worker"));
        var running = await client.CreateAsync(new CreateCaptureRequest(CaptureFixture.Tenant, fixture.From, fixture.To), null, CancellationToken.None);
        await Eventually.HoldsAsync(async () => (await client.GetAsync(running.Id, CancellationToken.None)).Phase == "promoting", TimeSpan.FromSeconds(10), "it promotes");
        var queued = await client.CreateAsync(new CreateCaptureRequest(CaptureFixture.Tenant, fixture.From, fixture.To), null, CancellationToken.None);

        Assert.Equal(CaptureState.Cancelled, (await client.CancelAsync(queued.Id, CancellationToken.None)).State);
        Assert.Equal(CaptureState.Cancelled, (await client.CancelAsync(running.Id, CancellationToken.None)).State);
        Assert.Equal("cancelled by rita", (await client.CancelAsync(running.Id, CancellationToken.None)).Failure);

        // The worker is free for the next one long before the silent gateway's time is over.
        var next = await client.CreateAsync(new CreateCaptureRequest(CaptureFixture.Tenant, fixture.From, fixture.To), null, CancellationToken.None);
        await Eventually.HoldsAsync(async () => (await client.GetAsync(next.Id, CancellationToken.None)).Phase == "promoting", TimeSpan.FromSeconds(5), "the next one is taken up");
        await client.CancelAsync(next.Id, CancellationToken.None);
        await NothingIsLeftAsync(fixture);

        var other = await Assert.ThrowsAsync<ApiException>(() => fixture.Client(fixture.Workers[0], "other").CancelAsync(next.Id, CancellationToken.None));
        Assert.Equal(KnownProblems.NotFound, other.Type);
        await using var audit = fixture.Database.DataSource.CreateCommand("SELECT count(*) FROM audit.entries WHERE action = 'capture.cancel'");
        Assert.Equal(3L, await audit.ExecuteScalarAsync());
    }

    [Fact]
    public async Task Cancel_Succeeded_IsAConflict()
    {
        await using var fixture = await CaptureFixture.StartAsync();
        await AcceptAsync(fixture);
        var worker = await fixture.StartWorkerAsync("worker");
        var job = await fixture.CaptureAsync(worker);

        var refused = await Assert.ThrowsAsync<ApiException>(() => fixture.Client(worker).CancelAsync(job.Id, CancellationToken.None));

        Assert.Equal(KnownProblems.Conflict, refused.Type);
    }

    [Fact]
    public async Task Job_WhoseLastAttemptDied_IsGivenUpAndItsLeftoversRemoved()
    {
        await using var fixture = await CaptureFixture.StartAsync();
        var left = Directory.CreateDirectory(Path.Combine(fixture.BundlePath, ".work", "cap-poison-5", "sort")).FullName;
        await File.WriteAllTextAsync(Path.Combine(left, "run"), "gigabytes");
        var forgotten = Directory.CreateDirectory(Path.Combine(fixture.BundlePath, ".work", "cap-forgotten-2")).FullName;
        var worker = await fixture.StartWorkerAsync("worker");
        await using (var dead = fixture.Database.DataSource.CreateCommand(
            """
            INSERT INTO capture.jobs (id, tenant, from_ns, to_ns, services, state, worker, lease_until, attempt, phase, requested_by, requested_at)
            VALUES ('cap-poison', 'acme', 1, 2, '{}', 'running', 'dead', now() - interval '1 second', 5, 'reading', 'rita', now())
            """))
        {
            await dead.ExecuteNonQueryAsync();
        }

        var job = await CaptureFixture.EndOfAsync(fixture.Client(worker), "cap-poison");

        Assert.Equal(CaptureState.Failed, job.State);
        Assert.StartsWith("given up after 5 attempts: the last worker, dead, died while reading; ", job.Failure, StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => !Directory.Exists(left) && !Directory.Exists(forgotten), TimeSpan.FromSeconds(10), "leftovers are gone");
    }

    private static async Task AcceptAsync(CaptureFixture fixture)
    {
        var gateway = await fixture.StartGatewayAsync("gw-1");
        gateway.Accept(CaptureFixture.Tenant, Signal.Traces, OtlpBytes.Spans("checkout", [.. Enumerable.Range(1, 20).Select(i => ((byte)1, (byte)i, 100UL, "a"))]), 20, fixture.FromNano + Second);
        gateway.Accept(CaptureFixture.Tenant, Signal.Traces, OtlpBytes.Spans("payment", (2, 1, 100, "a")), 1, fixture.FromNano + (2 * Second));
        gateway.Answer();
    }

    private static Task NothingIsLeftAsync(CaptureFixture fixture)
    {
        var work = Path.Combine(fixture.BundlePath, ".work");
        return Eventually.HoldsAsync(() => !Directory.Exists(work) || !Directory.EnumerateFileSystemEntries(work).Any(), TimeSpan.FromSeconds(5), "the folders of work are gone");
    }
}
