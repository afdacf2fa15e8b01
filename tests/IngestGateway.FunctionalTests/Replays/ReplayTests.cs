using System.Net;
using Microsoft.Extensions.DependencyInjection;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Replays;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.Replay;
using StellaOps.Telemetry.Replay.Batches;
using StellaOps.Telemetry.Replay.Sending;
using StellaOps.Telemetry.Replay.State;
using StellaOps.Telemetry.Tests.Shared.Evidence;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.Replays;

/// <summary>The replay engine and a whole gateway: what it counts is what the bundle holds, however the way there was cut.</summary>
public sealed class ReplayTests : IAsyncLifetime
{
    private readonly GatewayUnderTest _gateway = new() { IsWhole = true };
    private readonly DateTimeOffset _started = TimeProvider.System.GetUtcNow();
    private SampleBundle _bundle = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _bundle = await SampleBundle.CreateAsync(spans: 30, points: 20, logs: 25);
        _gateway.Profiles.Tenant("sealed", kind: TenantKind.Replay);
        _gateway.Profiles.Tenant("acme");
        await _gateway.Profiles.StartAsync();
        await _gateway.StartAsync();
        await _gateway.ReadyAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        _bundle.Dispose();
    }

    [Theory]
    [InlineData("http", ReplayCompression.None)]
    [InlineData("http", ReplayCompression.Gzip)]
    [InlineData("http", ReplayCompression.Zstd)]
    [InlineData("grpc", ReplayCompression.None)]
    [InlineData("grpc", ReplayCompression.Gzip)]
    [InlineData("grpc", ReplayCompression.Zstd)]
    public async Task Replay_ByEitherProtocol_IsCountedByTheGatewayAsTheManifestSays(string protocol, ReplayCompression compression)
    {
        using var http = _gateway.Otlp(Replayer("sealed"));

        var result = await RunAsync(NewSender(http, protocol, compression), protocol);

        Assert.True(result.State.IsMarkUnderstood);
        await AssertCountedAsync(result.State);
    }

    /// <summary>The answer is lost each third time, and the gateway begins anew in between: what it took it knows.</summary>
    [Fact]
    public async Task Replay_AnswersLostAndGatewayRestarted_CountsEachBatchOnce()
    {
        string id;
        using (var http = _gateway.Otlp(Replayer("sealed")))
        {
            var cut = new LossySender(NewSender(http, "http", ReplayCompression.None), failAfter: 7);
            await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync(cut, "http"));
            id = cut.LastMark.ReplayId;
        }

        await _gateway.StopAsync();
        await _gateway.StartAsync();
        await _gateway.ReadyAsync();
        using var again = _gateway.Otlp(Replayer("sealed"));
        var result = await RunAsync(new LossySender(NewSender(again, "http", ReplayCompression.None), int.MaxValue), "http");

        Assert.Equal(id, result.State.ReplayId);
        var counted = await AssertCountedAsync(result.State);
        Assert.True(counted.Repeated > 0);
        var pipeline = _gateway.Services.GetRequiredService<GatewayPipeline>();
        Assert.Equal(75, pipeline.Log.EntriesFrom(1).Sum(e => e.RecordCount));
        await Eventually.HoldsAsync(() => pipeline.Ledger.Query(TenantId.Parse("sealed"), UnixNano.Of(_started), long.MaxValue).Sum(r => r.Accepted) == 75, TimeSpan.FromSeconds(5), "the ledger counts them once");
    }

    [Fact]
    public async Task Replay_IntoALiveTenant_IsRefusedBeforeTheFirstRecord()
    {
        using var http = _gateway.Otlp(Replayer("acme"));

        var refused = await Assert.ThrowsAsync<ReplayException>(() => RunAsync(NewSender(http, "http", ReplayCompression.None), "http"));

        Assert.Equal(ReplayFault.NotAllowed, refused.Fault);
        Assert.Contains("no replay target", refused.Message, StringComparison.Ordinal);
        Assert.Empty(_gateway.Services.GetRequiredService<GatewayPipeline>().Log.EntriesFrom(1));
    }

    [Fact]
    public async Task GetReplay_OfAnotherTenantOrNone_TellsNothing()
    {
        using var http = _gateway.Otlp(Replayer("sealed"));
        var result = await RunAsync(NewSender(http, "http", ReplayCompression.None), "http");
        using var stranger = _gateway.Api(_gateway.Issuer.Mint("s", "acme", KnownScopes.TelemetryRead));
        using var all = _gateway.Api(_gateway.Issuer.Mint("s", "*", KnownScopes.TelemetryRead));

        Assert.Equal(HttpStatusCode.Forbidden, (await stranger.GetAsync($"/api/v1/gateways/self/replays/{result.State.ReplayId}?tenant=sealed", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync($"/api/v1/gateways/self/replays/{result.State.ReplayId}", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await all.GetAsync($"/api/v1/gateways/self/replays/{result.State.ReplayId}", Token)).StatusCode);
    }

    private IReplaySender NewSender(HttpClient http, string protocol, ReplayCompression compression) =>
        protocol == "grpc" ? new GrpcReplaySender(http, _gateway.GrpcUrl, compression) : new HttpReplaySender(http, _gateway.HttpUrl, compression);

    private string Replayer(string tenant) => _gateway.Issuer.Mint("replayer", tenant, KnownScopes.TelemetryWrite, KnownScopes.ReplayWrite);

    private async Task<ReplayResult> RunAsync(IReplaySender sender, string protocol)
    {
        using var file = ReplayStateFile.Open(Path.Combine(_bundle.Folder, "state.json"));
        var subject = new ReplaySubject(_bundle.Written.ArchiveHash, "the gateway", protocol, "sealed", null, IsUnmarked: false);
        var job = new ReplayJob(_bundle.Files, _bundle.Written.Manifest, subject, new ReplayBatching(4), new ReplayPace(), 0, AllowForeign: false);
        return await new ReplayEngine(job, sender, file, TimeProvider.System, _ => { }).RunAsync(restart: false, Token);
    }

    private async Task<ReplayResponse> AssertCountedAsync(ReplayState state)
    {
        using var http = _gateway.Api(_gateway.Issuer.Mint("s", "sealed", KnownScopes.TelemetryRead));
        var counted = await new GatewayClient(http).GetReplayAsync(TenantId.Parse("sealed"), state.ReplayId, Token);
        Assert.Equal(state.Acknowledged, counted.Batches);
        Assert.Equal([(Signal.Traces, 30L), (Signal.Metrics, 20L), (Signal.Logs, 25L)], counted.Signals.Select(s => (s.Signal, s.Records)));
        return counted;
    }

    /// <summary>Takes each third answer away after it came, and dies after so many requests.</summary>
    private sealed class LossySender(IReplaySender inner, int failAfter) : IReplaySender
    {
        private int _requests;

        public ReplayMark LastMark { get; private set; }

        public async Task<ReplayAnswer> SendAsync(Signal signal, ReadOnlyMemory<byte> request, ReplayMark mark, CancellationToken cancellationToken)
        {
            LastMark = mark;
            var answer = await inner.SendAsync(signal, request, mark, cancellationToken);
            if (++_requests >= failAfter)
            {
                throw new InvalidOperationException("cut after the gateway took it");
            }

            return _requests % 3 == 0 ? new ReplayAnswer(ReplayOutcome.Retry, "", "the answer was lost") : answer;
        }
    }
}
