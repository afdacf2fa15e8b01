using System.Text.Json;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Rollouts;
using StellaOps.Telemetry.ProfileService.FunctionalTests.TestServices;
using StellaOps.Telemetry.Tests.Shared;
using StellaOps.Telemetry.Tests.Shared.Auth;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Profiles;

namespace StellaOps.Telemetry.ProfileService.FunctionalTests.Cli;

/// <summary><c>profile diff</c> over what the service keeps and what agents run.</summary>
public sealed class DiffTests(ProfileServiceFixture fixture) : IClassFixture<ProfileServiceFixture>
{
    private readonly Stella _reader = new(fixture, "vera", KnownScopes.ProfilesRead);

    [Fact]
    public async Task Diff_VersionsOfTheService_AreResolvedFromWhatWasSigned()
    {
        await using var fleet = new FleetUnderTest(fixture, fixture.Service.Url);
        var profile = ProfileVersions.NewName();
        await fleet.PublishAsync(profile, 1);
        await fleet.PublishAsync(profile, 2, edge: true);

        Assert.Equal(["metadata.description", "spec.edge"], await PathsAsync($"{profile}@1", $"{profile}@2"));
        Assert.Equal(["metadata.description", "spec.edge"], await PathsAsync($"{profile}@1", $"{profile}@latest"));
        Assert.Empty(await PathsAsync($"{profile}@2", $"{profile}@latest", "--trust", fixture.Identities.TrustFile));

        // Against the disk; the overlay lies over that alone.
        Assert.Equal(["metadata.name", "metadata.description"], await PathsAsync("default", $"{profile}@1"));
        Assert.Contains("spec.environment", await PathsAsync($"{profile}@1", "default", "--overlay", "prod"));
        var gated = await _reader.RunAsync("profile", "diff", $"{profile}@1", $"{profile}@2", "--fail-on", "opens-egress");
        Assert.Equal(3, gated.ExitCode);
        Assert.Contains("edge Collectors are configured", gated.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Diff_Agent_IsWhatItShouldRunAgainstWhatItRuns()
    {
        await using var fleet = new FleetUnderTest(fixture, fixture.Service.Url);
        await fleet.JoinAsync(1);
        var agent = fleet.Agents[0];
        var (running, desired) = ($"agent:{agent.Uid}/running", $"agent:{agent.Uid}/desired");
        await FailsAsync(1, $"agent {agent.Uid} runs a file of its own machine", running, "default");
        await FailsAsync(1, $"agent {agent.Uid} is to run nothing", desired, "default");

        var profile = ProfileVersions.NewName();
        await fleet.PublishAsync(profile, 1);
        await fleet.DeployAsync(profile, 1);
        Assert.Empty(await PathsAsync(running, desired));
        Assert.Empty(await PathsAsync($"{profile}@1", running));

        // While it makes up its mind it should run another one than it does.
        await fleet.PublishAsync(profile, 2, edge: true);
        using var mind = new ManualResetEventSlim();
        agent.Reads = _ =>
        {
            mind.Wait(FleetUnderTest.Patience);
            return null;
        };
        var rollout = await fleet.StartAsync(profile, 2, applySeconds: 60);
        await Eventually.HoldsAsync(async () => (await fleet.FindAsync(agent))!.Desired?.Version == 2, FleetUnderTest.Patience, "it is to run version 2");
        var drift = Succeeds(await _reader.RunAsync("profile", "diff", running, desired));
        Assert.Contains("edge Collectors are configured", drift.Output, StringComparison.Ordinal);
        Assert.Contains($"{running}: {profile}@1, deployment {rollout.Counter - 1}", drift.Error, StringComparison.Ordinal);
        Assert.Contains($"{desired}: {profile}@2, deployment {rollout.Counter}", drift.Error, StringComparison.Ordinal);
        mind.Set();
        await fleet.EndsAsync(rollout.Id, RolloutState.Completed);
        Assert.Empty(await PathsAsync(running, $"{profile}@2"));
    }

    [Fact]
    public async Task Diff_WhatIsNotThere_SaysSo()
    {
        await using var fleet = new FleetUnderTest(fixture, fixture.Service.Url);
        var profile = ProfileVersions.NewName();
        await fleet.PublishAsync(profile, 1);
        var nobody = Guid.CreateVersion7();

        await FailsAsync(1, $"There is no version 9 of '{profile}'.", $"{profile}@9", "default");
        await FailsAsync(1, $"profile history {profile}", $"{profile}@9", "default");
        await FailsAsync(1, "there is no version of 'nobody'", "nobody@latest", "default");
        await FailsAsync(1, "There is no version 1 of 'nobody'.", "default", "nobody@1");
        await FailsAsync(1, $"never heard of an agent {nobody}", $"agent:{nobody}/running", "default");
        using var others = new TestIdentities();
        var untrusted = await _reader.RunAsync("profile", "diff", $"{profile}@1", "default", "--trust", others.TrustFile);
        Assert.Equal(3, untrusted.ExitCode);
        Assert.Contains($"version 1 of '{profile}' is not taken", untrusted.Error, StringComparison.Ordinal);
        var stranger = await new Stella(fixture, "tina", KnownScopes.TelemetryRead).RunAsync("profile", "diff", $"{profile}@1", "default");
        Assert.Equal(4, stranger.ExitCode);
    }

    [Fact]
    public async Task Diff_BytesThatSomebodyChanged_AreNotCompared()
    {
        await using var fleet = new FleetUnderTest(fixture, fixture.Service.Url);
        var profile = ProfileVersions.NewName();
        await fleet.PublishAsync(profile, 1);
        await using (var change = fixture.Database.DataSource.CreateCommand(
            $"UPDATE profile.versions SET closure = set_byte(closure, length(closure) / 2, get_byte(closure, length(closure) / 2) # 1) WHERE profile = '{profile}'"))
        {
            Assert.Equal(1, await change.ExecuteNonQueryAsync());
        }

        await FailsAsync(3, "The database does not hold what was signed", $"{profile}@1", "default");
        await FailsAsync(3, "compare it with a backup", $"{profile}@latest", "default");
    }

    private async Task<IReadOnlyList<string?>> PathsAsync(params string[] arguments)
    {
        var report = Succeeds(await _reader.RunAsync(["profile", "diff", .. arguments, "--output", "json"]));
        return [.. JsonDocument.Parse(report.Output).RootElement.GetProperty("changes").EnumerateArray().Select(c => c.GetProperty("path").GetString())];
    }

    private async Task FailsAsync(int code, string why, string before, string after)
    {
        var result = await _reader.RunAsync("profile", "diff", before, after);
        Assert.True(result.ExitCode == code, $"{result.ExitCode}: {result.Error}{result.Output}");
        Assert.Contains(why, result.Error, StringComparison.Ordinal);
    }

    private static ToolResult Succeeds(ToolResult result)
    {
        Assert.True(result.ExitCode == 0, $"{result.ExitCode}: {result.Error}{result.Output}");
        return result;
    }
}
