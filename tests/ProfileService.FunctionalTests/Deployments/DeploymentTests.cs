using System.Net;
using System.Text;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Profiles;
using StellaOps.Telemetry.Contracts.Rollouts;
using StellaOps.Telemetry.ProfileService.FunctionalTests.TestServices;
using StellaOps.Telemetry.Profiles.Signing;
using StellaOps.Telemetry.Tests.Shared.Hosting;
using StellaOps.Telemetry.Tests.Shared.Postgres;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Profiles;

namespace StellaOps.Telemetry.ProfileService.FunctionalTests.Deployments;

/// <summary>What may be deployed, and what agents are given.</summary>
public sealed class DeploymentTests(ProfileServiceFixture fixture) : IClassFixture<ProfileServiceFixture>
{
    [Fact]
    public async Task Start_VersionWithoutItsApproval_IsRefusedUntilSomebodyElseApproves()
    {
        await using var fleet = Fleet();
        await fleet.JoinAsync(1);
        var closure = await PublishForensicAsync(fleet);

        await RefusedAsync("has 0 approvals and needs 1", () => fleet.StartAsync("forensic", closure.Version));
        await fleet.Client.ApproveAsync("forensic", closure.Version, new ApproveProfileRequest(fleet.Signed.Approval(closure)), null, CancellationToken.None);
        await fleet.DeployAsync("forensic", closure.Version);
        Assert.Contains("approval-1.sigstore.json", fleet.Agents[0].LastFiles.Keys);
    }

    [Fact]
    public async Task Start_BreakGlass_GoesOutLoudly()
    {
        await using var fleet = Fleet();
        await fleet.JoinAsync(1);
        var closure = await PublishForensicAsync(fleet);
        var glass = fleet.Signed.BrokenGlass(closure, at: TimeProvider.System.GetUtcNow());

        var rollout = await fleet.Client.StartRolloutAsync(
            new StartRolloutRequest("forensic", closure.Version, fleet.Selector, SoakSeconds: 0, ApprovalOverride: glass), null, CancellationToken.None);
        Assert.True(rollout.BreakGlass);
        await fleet.EndsAsync(rollout.Id, RolloutState.Completed);

        using var admin = fixture.Admin;
        var audit = await (await admin.GetAsync($"/api/v1/audit?target={rollout.Id}")).ReadAsync<Page<AuditEntryResponse>>();
        var entry = Assert.Single(audit.Items, e => e.Action == "rollout.break-glass");
        Assert.Contains("on-call", entry.Detail, StringComparison.Ordinal);
        Assert.Contains("the site is down", entry.Detail, StringComparison.Ordinal);

        // It served that deployment alone.
        await RefusedAsync("has 0 approvals and needs 1", () => fleet.StartAsync("forensic", closure.Version));
    }

    [Fact]
    public async Task Start_VersionBelowTheFloor_IsRefused()
    {
        await using var fleet = Fleet();
        await fleet.JoinAsync(1);
        var profile = ProfileVersions.NewName();
        await fleet.PublishAsync(profile, 1);
        await fleet.PublishAsync(profile, 2);
        var conflict = await Assert.ThrowsAsync<ApiException>(() => fleet.StartAsync(profile, 2, floor: 3));
        Assert.Equal(HttpStatusCode.Conflict, conflict.Status);

        await fleet.EndsAsync((await fleet.StartAsync(profile, 2, soakSeconds: 0, floor: 2)).Id, RolloutState.Completed);
        await RefusedAsync("is below the floor 2", () => fleet.StartAsync(profile, 1));
        var shown = Assert.Single((await fleet.Client.ListProfilesAsync(null, CancellationToken.None)).Items, p => p.Name == profile);
        Assert.Equal((2L, 2L, 2L), (shown.LatestVersion, shown.DeployedVersion, shown.Floor));
    }

    [Fact]
    public async Task RollBack_BelowTheFloor_KeepsWhatRunsAndSaysWhy()
    {
        await using var fleet = Fleet();
        var profile = await fleet.JoinBehindAsync(1);
        var rollout = await fleet.StartAsync(profile, 2, soakSeconds: 0, floor: 2);
        await fleet.EndsAsync(rollout.Id, RolloutState.Completed);

        await fleet.Client.RollBackAsync(rollout.Id, new ChangeRolloutRequest(), CancellationToken.None);
        var ended = await fleet.EndsAsync(rollout.Id, RolloutState.RolledBack);
        Assert.Equal(1, ended.Agents[RolloutAgentState.Kept]);
        Assert.Equal($"2/{rollout.Counter}", fleet.Agents[0].Running);
        Assert.Contains($"there is no way back to {profile}@1", ended.Timeline.Single(e => e.Action == "roll-back").Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_ChangedByteInTheDatabase_IsRefused()
    {
        await using var fleet = Fleet();
        await fleet.JoinAsync(1);
        var profile = ProfileVersions.NewName();
        await fleet.PublishAsync(profile, 1);
        await ChangeAsync(fixture.Database, "versions", "closure", "durability: write", "durability: fsync", profile);

        var tampered = await Assert.ThrowsAsync<ApiException>(() => fleet.StartAsync(profile, 1));
        Assert.Equal((HttpStatusCode.InternalServerError, KnownProblems.Tampered), (tampered.Status, tampered.Type));
        Assert.Empty(fleet.Agents[0].Offers);
    }

    [Fact]
    public async Task Offer_ChangedByteInTheDatabaseAfterTheStart_StopsTheRolloutAndReachesNobody()
    {
        await using var database = await TestDatabase.CreateAsync();
        var port = FreePort.Next();
        var service = await StartAsync(database, port);
        await using var fleet = new FleetUnderTest(fixture, service.Url);
        await fleet.JoinAsync(2);
        var profile = ProfileVersions.NewName();
        await fleet.PublishAsync(profile, 1);
        var rollout = await fleet.StartAsync(profile, 1, soakSeconds: 2);
        await fleet.BecomesAsync(rollout.Id, r => r.State == RolloutState.Soaking, "the canary soaks");
        await service.DisposeAsync();

        // The next process reads the deployment anew.
        await ChangeAsync(database, "versions", "closure", "durability: write", "durability: fsync", profile);
        await using var next = await StartAsync(database, port);
        var paused = await fleet.EndsAsync(rollout.Id, RolloutState.Paused);

        Assert.Contains($"version 1 of '{profile}'", paused.Failure, StringComparison.Ordinal);
        Assert.Equal(1, fleet.Agents.Sum(a => a.Offers.Count));
    }

    [Fact]
    public async Task Offer_Collector_GetsTheRenderedConfigurationAndIsShownAsNotVerifying()
    {
        await using var fleet = Fleet();
        await fleet.JoinAsync(1, kind: "otelcol-contrib");
        var profile = ProfileVersions.NewName();
        await fleet.PublishAsync(profile, 1, edge: true);
        var rollout = await fleet.StartAsync(profile, 1, soakSeconds: 0);
        await fleet.EndsAsync(rollout.Id, RolloutState.Completed);

        var collector = fleet.Agents[0];
        Assert.Equal([$"# StellaOps deployment {rollout.Counter}: {profile}@1"], collector.Offers);
        Assert.Contains("gateway.example.org:4317", Encoding.UTF8.GetString(collector.LastFiles[""]), StringComparison.Ordinal);
        var seen = (await fleet.FindAsync(collector))!;
        Assert.Equal((false, false, "otelcol-contrib"), (seen.Verifies, seen.Drift, seen.Kind));
        Assert.Equal(rollout.Counter, seen.Running!.Counter);
    }

    [Fact]
    public async Task Start_CollectorAndNoEdgeInTheProfile_IsRefused()
    {
        await using var fleet = Fleet();
        await fleet.JoinAsync(1, kind: "otelcol-contrib");
        var profile = ProfileVersions.NewName();
        await fleet.PublishAsync(profile, 1);
        var refused = await Assert.ThrowsAsync<ApiException>(() => fleet.StartAsync(profile, 1));
        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        Assert.Contains("spec.edge", refused.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Offer_AgentThatPolls_GetsItWithItsNextPoll()
    {
        await using var fleet = Fleet();
        await fleet.JoinAsync(2, polls: true);
        var profile = ProfileVersions.NewName();
        await fleet.PublishAsync(profile, 1);
        await fleet.DeployAsync(profile, 1);
        Assert.All(fleet.Agents, a => Assert.StartsWith("1/", Assert.Single(a.Offers), StringComparison.Ordinal));
        Assert.All(await Task.WhenAll(fleet.Agents.Select(fleet.FindAsync)), a => Assert.Equal("http", a!.Transport));
    }

    [Fact]
    public async Task OpAmp_TokenWithoutTheScope_IsRefused()
    {
        using var stranger = fixture.Service.Client(fixture.Issuer.Mint("eve", "*", KnownScopes.ProfilesRead));
        using var content = new ByteArrayContent([]) { Headers = { ContentType = new("application/x-protobuf") } };
        Assert.Equal(HttpStatusCode.Forbidden, (await stranger.PostAsync("/v1/opamp", content)).StatusCode);
    }

    private async Task<RunningService> StartAsync(TestDatabase database, int port)
    {
        string[] arguments = [.. RunningService.Arguments(fixture.Environment(database.ConnectionString)), $"--urls=http://127.0.0.1:{port}"];
        var service = await RunningService.StartAsync(ProfileServiceApp.Build(arguments));
        await service.ReadyAsync();
        return service;
    }

    private FleetUnderTest Fleet() => new(fixture, fixture.Service.Url);

    private static async Task RefusedAsync(string text, Func<Task> request)
    {
        var refused = await Assert.ThrowsAsync<ApiException>(request);
        Assert.Equal((HttpStatusCode.UnprocessableEntity, KnownProblems.Refused), (refused.Status, refused.Type));
        Assert.Contains(text, refused.Detail, StringComparison.Ordinal);
    }

    private static async Task ChangeAsync(TestDatabase database, string table, string column, string from, string to, string profile)
    {
        await using var change = database.DataSource.CreateCommand(
            $"UPDATE profile.{table} SET {column} = convert_to(replace(convert_from({column}, 'UTF8'), $1, $2), 'UTF8') WHERE profile = $3");
        change.Parameters.AddWithValue(from);
        change.Parameters.AddWithValue(to);
        change.Parameters.AddWithValue(profile);
        Assert.Equal(1, await change.ExecuteNonQueryAsync());
    }

    private static async Task<ProfileClosure> PublishForensicAsync(FleetUnderTest fleet)
    {
        var latest = (await fleet.Client.ListVersionsAsync("forensic", null, CancellationToken.None)).Items;
        var closure = ProfileVersions.Closure("forensic", latest.Count == 0 ? 1 : latest[0].Version + 1, "forensic");
        await fleet.Client.PublishAsync("forensic", new PublishProfileRequest(closure.ToBytes(), fleet.Signed.Version(closure)), null, CancellationToken.None);
        return closure;
    }
}
