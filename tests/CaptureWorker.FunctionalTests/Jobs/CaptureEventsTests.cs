using System.Net;
using StellaOps.Telemetry.CaptureWorker.FunctionalTests.TestServices;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Captures;
using StellaOps.Telemetry.Tests.Shared.Hosting;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.CaptureWorker.FunctionalTests.Jobs;

/// <summary>A job followed by server-sent events.</summary>
public sealed class CaptureEventsTests
{
    [Fact]
    public async Task Follow_FromQueuedToEnd_TellsEachStateOnceAndEnds()
    {
        await using var fixture = await CaptureFixture.StartAsync();
        await AnsweringGatewayAsync(fixture, TimeSpan.FromSeconds(1));
        var client = fixture.Client(await fixture.StartWorkerAsync("worker"));
        var job = await client.CreateAsync(new CreateCaptureRequest(CaptureFixture.Tenant, fixture.From, fixture.To), null, CancellationToken.None);

        var states = await client.FollowAsync(job.Id, 0, CancellationToken.None).ToListAsync();

        Assert.Equal(CaptureState.Succeeded, states[^1].State);
        Assert.Contains(states, s => s.Phase == "promoting");
        Assert.Equal(states.Select(s => s.Version).Distinct().Order(), states.Select(s => s.Version));
        Assert.All(states[..^1], s => Assert.True(s.State is CaptureState.Queued or CaptureState.Running));
    }

    [Fact]
    public async Task Follow_ByLastEventId_GoesOnWithTheNewestState()
    {
        await using var fixture = await CaptureFixture.StartAsync();
        await AnsweringGatewayAsync(fixture, TimeSpan.FromSeconds(1));
        var worker = await fixture.StartWorkerAsync("worker");
        var client = fixture.Client(worker);
        var job = await client.CreateAsync(new CreateCaptureRequest(CaptureFixture.Tenant, fixture.From, fixture.To), null, CancellationToken.None);
        var seen = 0L;
        await foreach (var state in client.FollowAsync(job.Id, 0, CancellationToken.None))
        {
            seen = state.Version;
            if (state.State == CaptureState.Running)
            {
                break;
            }
        }

        var rest = await client.FollowAsync(job.Id, seen, CancellationToken.None).ToListAsync();
        var again = await client.FollowAsync(job.Id, rest[^1].Version, CancellationToken.None).ToListAsync();

        Assert.All(rest, s => Assert.True(s.Version > seen));
        Assert.Equal(CaptureState.Succeeded, rest[^1].State);
        Assert.Equal(CaptureState.Succeeded, Assert.Single(again).State);

        using var http = worker.Client(fixture.Issuer.Mint("rita", "*", KnownScopes.CapturesRead));
        var text = await http.GetStringAsync($"api/v1/captures/{job.Id}/events");
        Assert.StartsWith($"retry: 1000\n\nid: {rest[^1].Version}\nevent: end\ndata: {{\"id\":\"{job.Id}\"", text, StringComparison.Ordinal);
        http.DefaultRequestHeaders.Add("Last-Event-ID", "yesterday");
        using var refused = await http.GetAsync($"api/v1/captures/{job.Id}/events");
        await ProblemAssert.IsAsync(HttpStatusCode.BadRequest, KnownProblems.Validation, refused);
    }

    [Fact]
    public async Task Follow_MoreClientsThanAllowedOrAnotherTenant_IsRefused()
    {
        await using var fixture = await CaptureFixture.StartAsync();
        await fixture.StartGatewayAsync("gw-silent");
        var worker = await fixture.StartWorkerAsync("worker", ("Stella__Capture__MaxEventClients", "1"));
        var client = fixture.Client(worker);
        var job = await client.CreateAsync(new CreateCaptureRequest(CaptureFixture.Tenant, fixture.From, fixture.To), null, CancellationToken.None);
        await using (var first = client.FollowAsync(job.Id, 0, CancellationToken.None).GetAsyncEnumerator())
        {
            Assert.True(await first.MoveNextAsync());

            var second = await Assert.ThrowsAsync<ApiException>(async () => await client.FollowAsync(job.Id, 0, CancellationToken.None).ToListAsync());
            Assert.Equal((HttpStatusCode.ServiceUnavailable, KnownProblems.Unavailable), (second.Status, second.Type));
        }

        var other = await Assert.ThrowsAsync<ApiException>(async () => await fixture.Client(worker, "other").FollowAsync(job.Id, 0, CancellationToken.None).ToListAsync());
        Assert.Equal(KnownProblems.NotFound, other.Type);
        await client.CancelAsync(job.Id, CancellationToken.None);

        // The first one's place is free again once the service has noticed that it left.
        List<CaptureResponse> third = [];
        await Eventually.HoldsAsync(
            async () =>
            {
                try
                {
                    third = await client.FollowAsync(job.Id, 0, CancellationToken.None).ToListAsync();
                    return true;
                }
                catch (ApiException e) when (e.Status == HttpStatusCode.ServiceUnavailable)
                {
                    return false;
                }
            },
            TimeSpan.FromSeconds(10),
            "a place is free again");
        Assert.Equal(CaptureState.Cancelled, third[^1].State);
    }

    private static async Task AnsweringGatewayAsync(CaptureFixture fixture, TimeSpan lag)
    {
        var gateway = await fixture.StartGatewayAsync("gw-1");
        gateway.Lag = lag;
        gateway.Accept(CaptureFixture.Tenant, Signal.Traces, OtlpBytes.Spans("checkout", (1, 1, 100, "a")), 1, fixture.FromNano + 1);
        gateway.Answer();
    }
}
