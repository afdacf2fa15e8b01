using System.Text.Json;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.ProfileService.FunctionalTests.TestServices;
using StellaOps.Telemetry.Tests.Shared;
using StellaOps.Telemetry.Tests.Shared.Auth;

namespace StellaOps.Telemetry.ProfileService.FunctionalTests.Cli;

/// <summary>From the author's file to the fleet and back, by the command line.</summary>
public sealed class DeployTests(ProfileServiceFixture fixture) : IClassFixture<ProfileServiceFixture>, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stella-cli-");

    [Fact]
    public async Task ApplyApproveDeploy_ForensicTwice_CanaryRejectsTheSecondAndTheOutputSaysWhy()
    {
        var author = new Stella(fixture, "dora", KnownScopes.ProfilesRead, KnownScopes.ProfilesWrite);
        var approver = new Stella(fixture, "rita", KnownScopes.ProfilesRead, KnownScopes.ProfilesApprove);
        var operations = new Stella(fixture, "olga", KnownScopes.ProfilesRead, KnownScopes.ProfilesDeploy);
        await using var fleet = new FleetUnderTest(fixture, fixture.Service.Url);
        await fleet.JoinAsync(2);
        string[] deploy = ["deploy", "forensic", "--selector", $"site={fleet.Selector["site"]}", "--soak", "1s", "--apply-within", "20s", "--watch"];
        var file = Document("");

        Succeeds(await author.RunAsync("profile", "apply", file, "--key", fixture.Identities.KeyFile(TestIdentities.Author)));
        var unapproved = await operations.RunAsync(deploy);
        Assert.Equal(2, unapproved.ExitCode);
        Assert.Contains("has 0 approvals and needs 1", unapproved.Error, StringComparison.Ordinal);
        var own = await approver.RunAsync("profile", "approve", "forensic", "--key", fixture.Identities.KeyFile(TestIdentities.AuthorsOther));
        Assert.Contains("cannot approve it", own.Error, StringComparison.Ordinal);
        Succeeds(await approver.RunAsync("profile", "approve", "forensic", "--key", fixture.Identities.KeyFile(TestIdentities.Approver), "--comment", "read it"));
        var deployed = Succeeds(await operations.RunAsync(deploy));
        Assert.Contains("2 applied", deployed.Output, StringComparison.Ordinal);
        Assert.Contains("soaking, batch 1 of 2", deployed.Error, StringComparison.Ordinal);

        // The same again is no new version.
        Assert.Contains("nothing changed since forensic@1", Succeeds(await author.RunAsync("profile", "apply", file, "--key", fixture.Identities.KeyFile(TestIdentities.Author))).Output, StringComparison.Ordinal);
        Document("# changed\n");
        Succeeds(await author.RunAsync("profile", "apply", file, "--key", fixture.Identities.KeyFile(TestIdentities.Author)));
        Succeeds(await approver.RunAsync("profile", "approve", "forensic", "--key", fixture.Identities.KeyFile(TestIdentities.Approver)));
        foreach (var agent in fleet.Agents)
        {
            agent.Reads = closure => closure.Version == 2 ? "the recorder needs 8 GiB, the disk has 5" : null;
        }

        var rejected = await operations.RunAsync([.. deploy, "--max-unhealthy", "0", "--max-export-failures", "7", "--max-refusals", "8", "--max-queue-age", "9m"]);
        Assert.Equal(1, rejected.ExitCode);
        Assert.Contains("rolled_back", rejected.Output, StringComparison.Ordinal);
        Assert.Contains("the recorder needs 8 GiB, the disk has 5", rejected.Error, StringComparison.Ordinal);
        Assert.All(fleet.Agents, a => Assert.StartsWith("1/", a.Running, StringComparison.Ordinal));

        var history = JsonDocument.Parse(Succeeds(await operations.RunAsync("profile", "history", "forensic", "--output", "json")).Output).RootElement.GetProperty("items");
        Assert.Equal([2, 1], history.EnumerateArray().Select(v => v.GetProperty("version").GetInt32()));
        var list = JsonDocument.Parse(Succeeds(await operations.RunAsync("rollout", "list", "--output", "json")).Output).RootElement.GetProperty("items");
        var id = list[0].GetProperty("id").GetString()!;
        var shown = Succeeds(await operations.RunAsync("rollout", "show", id));
        Assert.Contains("the recorder needs 8 GiB, the disk has 5", shown.Output, StringComparison.Ordinal);
        Assert.Contains("forensic@1", shown.Output, StringComparison.Ordinal);
        Assert.Matches(@"at most 0 s\s+at most 7\s+at most 8\s+at most 540 s", shown.Output);
        Assert.Equal(1, (await operations.RunAsync("rollout", "watch", id)).ExitCode);
        Assert.Equal(1, (await operations.RunAsync("rollout", "resume", id)).ExitCode);
    }

    [Fact]
    public async Task Status_Fleet_CountsItsAgents()
    {
        await using var fleet = new FleetUnderTest(fixture, fixture.Service.Url);
        await fleet.JoinAsync(1);
        var status = await new Stella(fixture, "vera", KnownScopes.ProfilesRead).RunAsync("status", "--output", "json");
        var report = JsonDocument.Parse(status.Output).RootElement;
        Assert.True(report.GetProperty("fleet").GetProperty("connected").GetInt32() >= 1, status.Output);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>The repository's forensic profile in a folder of its own.</summary>
    private string Document(string head)
    {
        var profiles = Path.Combine(Tests.Shared.Processes.Repository.Root, "profiles");
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "redaction"));
        File.Copy(Path.Combine(profiles, "redaction", "baseline.yaml"), Path.Combine(_folder.FullName, "redaction", "baseline.yaml"), overwrite: true);
        var file = Path.Combine(_folder.FullName, "forensic.yaml");
        File.WriteAllText(file, head + File.ReadAllText(Path.Combine(profiles, "forensic.yaml")));
        return file;
    }

    private static ToolResult Succeeds(ToolResult result)
    {
        Assert.True(result.ExitCode == 0, $"{result.ExitCode}: {result.Error}{result.Output}");
        return result;
    }
}
