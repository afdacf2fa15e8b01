using System.Net;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.CaptureWorker.FunctionalTests.TestServices;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Holds;
using StellaOps.Telemetry.Tests.Shared.Hosting;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.CaptureWorker.FunctionalTests.Holds;

public sealed class HoldsTests : IAsyncLifetime
{
    private const long Second = 1_000_000_000;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private CaptureFixture _fixture = null!;
    private RunningService _worker = null!;

    public async ValueTask InitializeAsync()
    {
        _fixture = await CaptureFixture.StartAsync();
        _worker = await _fixture.StartWorkerAsync("worker");
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Add_WhatTheRecorderHas_IsInTheArchiveBeforeItIsForgotten()
    {
        var gateway = await _fixture.StartGatewayAsync("gw-1");
        gateway.Accept(CaptureFixture.Tenant, Signal.Traces, OtlpBytes.Spans("checkout", (1, 1, 300, "a"), (1, 2, 100, "b")), 2, _fixture.FromNano + Second);
        gateway.Accept(CaptureFixture.Tenant, Signal.Traces, OtlpBytes.Spans("checkout", (2, 1, 300, "before")), 1, _fixture.FromNano - Second);
        gateway.Answer();
        var holds = Client();
        var hold = await holds.AddAsync(new CreateHoldRequest(CaptureFixture.Tenant, _fixture.From, "incident", IncidentId: "inc-1"), "key", CancellationToken.None);
        Assert.Equal((HoldState.Active, null, null), (hold.State, hold.To, hold.Until));
        var promoted = await PromotedAsync(holds);
        Assert.Empty(promoted.Gaps);
        Assert.Equal(1, gateway.Promotions);
        var segments = new List<ChunkManifest>();
        await foreach (var manifest in new ArchiveCatalog(_fixture.Archive).FindAsync(CaptureFixture.Tenant, [Signal.Traces], _fixture.FromNano, _fixture.FromNano + (120 * Second), null, CancellationToken.None))
        {
            segments.Add(manifest);
        }

        Assert.Equal(2, segments.Sum(s => s.Records));

        // Another one, of the same time: only what came since is copied.
        var other = await holds.AddAsync(new CreateHoldRequest(CaptureFixture.Tenant, _fixture.From.AddSeconds(0.5), "another incident"), null, CancellationToken.None);
        await Eventually.HoldsAsync(
            async () => (await holds.ListAsync(null, null, false, null, CancellationToken.None)).Items.Single(h => h.Id == other.Id).PromotedAt is not null, s_patience, "the other one is done");
        Assert.Equal((2, 2L), (gateway.Promotions, gateway.PromotedRecords));

        var again = await holds.AddAsync(new CreateHoldRequest(CaptureFixture.Tenant, _fixture.From, "incident", IncidentId: "inc-1"), "key", CancellationToken.None);
        Assert.Equal(hold.Id, again.Id);
    }

    [Fact]
    public async Task Promotion_ARecorderThatNoLongerReachesBack_IsANamedGap()
    {
        var gateway = await _fixture.StartGatewayAsync("gw-1");
        gateway.LogFrom = _fixture.FromNano + (60 * Second);
        gateway.Answer();
        var holds = Client();
        await holds.AddAsync(new CreateHoldRequest(CaptureFixture.Tenant, _fixture.From, "late"), null, CancellationToken.None);
        Assert.Contains("gw-1", Assert.Single((await PromotedAsync(holds)).Gaps), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Until_ReleasesOnlyWhatIsClosed()
    {
        var holds = Client();
        var until = TimeProvider.System.GetUtcNow().AddSeconds(1);
        var growing = await holds.AddAsync(new CreateHoldRequest(CaptureFixture.Tenant, _fixture.From, "growing", Until: until), null, CancellationToken.None);
        var closed = await holds.AddAsync(new CreateHoldRequest(CaptureFixture.Tenant, _fixture.From, "closed", _fixture.To, Until: until), null, CancellationToken.None);
        var legal = await holds.AddAsync(new CreateHoldRequest(CaptureFixture.Tenant, _fixture.From, "legal", _fixture.To), null, CancellationToken.None);
        await Eventually.HoldsAsync(async () => await StateAsync(closed.Id) == HoldState.Released, s_patience, "the closed one is released");
        Assert.Equal((HoldState.Active, HoldState.Active), (await StateAsync(growing.Id), await StateAsync(legal.Id)));

        await holds.CloseAsync(growing.Id, new CloseHoldRequest(_fixture.To), CancellationToken.None);
        await Eventually.HoldsAsync(async () => await StateAsync(growing.Id) == HoldState.Released, s_patience, "the other one is, once it is closed");
        Assert.Equal(HoldState.Active, await StateAsync(legal.Id));

        var released = await holds.ReleaseAsync(legal.Id, new ReleaseHoldRequest("case closed"), CancellationToken.None);
        Assert.Equal((HoldState.Released, "rita"), (released.State, released.ReleasedBy));
        Assert.Equal(released.ReleasedAt, (await holds.ReleaseAsync(legal.Id, new ReleaseHoldRequest("again"), CancellationToken.None)).ReleasedAt);
        await using var rows = _fixture.Database.DataSource.CreateCommand($"SELECT string_agg(actor || ' ' || action, ', ' ORDER BY sequence) FROM audit.entries WHERE target = '{legal.Id}'");
        Assert.Equal("rita hold.add, rita hold.release", await rows.ExecuteScalarAsync());
    }

    [Fact]
    public async Task AnotherTenant_SeesAndChangesNothing()
    {
        var hold = await Client().AddAsync(new CreateHoldRequest(CaptureFixture.Tenant, _fixture.From, "ours"), null, CancellationToken.None);
        var stranger = Client("globex");
        Assert.Empty((await stranger.ListAsync(null, null, false, null, CancellationToken.None)).Items);
        var refused = await Assert.ThrowsAsync<ApiException>(() => stranger.ReleaseAsync(hold.Id, new ReleaseHoldRequest("mine"), CancellationToken.None));
        Assert.Equal(HttpStatusCode.NotFound, refused.Status);
        refused = await Assert.ThrowsAsync<ApiException>(() => stranger.AddAsync(new CreateHoldRequest(CaptureFixture.Tenant, _fixture.From, "yours"), null, CancellationToken.None));
        Assert.Equal(HttpStatusCode.Forbidden, refused.Status);
    }

    private HoldClient Client(string tenant = "*") => new(CaptureFixture.Based(_worker, _fixture.Issuer.Mint("rita", tenant, KnownScopes.CapturesCreate, KnownScopes.CapturesRead)));

    private async Task<HoldState> StateAsync(string id) => (await Client().ListAsync(null, null, false, null, CancellationToken.None)).Items.Single(h => h.Id == id).State;

    private static async Task<HoldResponse> PromotedAsync(HoldClient holds)
    {
        HoldResponse? hold = null;
        await Eventually.HoldsAsync(
            async () => (hold = Assert.Single((await holds.ListAsync(null, null, false, null, CancellationToken.None)).Items)).PromotedAt is not null, s_patience, "the window is in the archive");
        return hold!;
    }
}
