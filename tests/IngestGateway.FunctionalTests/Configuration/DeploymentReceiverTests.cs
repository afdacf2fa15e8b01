using Microsoft.Extensions.Logging;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.IngestGateway.Configuration;
using StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;
using StellaOps.Telemetry.Tests.Shared.Auth;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.Configuration;

/// <summary>Deployments of profiles, as the OpAMP agent hands them to the gateway: nobody but the gateway judges them here.</summary>
public sealed class DeploymentReceiverTests
{
    [Fact]
    public async Task Apply_SignedAndApproved_IsInForceAndStatusAndMetricsSayWhose()
    {
        await using var gateway = await DeployedGateway.StartAsync();
        var hash = (await gateway.StatusAsync()).ProfileHash;

        await gateway.AppliesAsync(gateway.Package(7, 3, floor: 2));

        var status = await gateway.StatusAsync();
        var deployment = status.Deployment!;
        Assert.NotEqual(hash, status.ProfileHash);
        Assert.Equal((7, 3, 2, "rollout-3", "developer"), (deployment.Version, deployment.Counter, deployment.Floor, deployment.Rollout, deployment.Author));
        Assert.Equal("reviewer", Assert.Single(deployment.Approvers));
        Assert.Equal(DeployedGateway.Version(7).Digest, deployment.Digest);
        Assert.Null(deployment.BreakGlass);
        Assert.Equal(deployment.Digest, gateway.Receiver.InForce!.Judgement.Closure.Digest);
        await gateway.Gateway.MetricIsAsync(1, "telemetry_profile_info", "version=\"7\"", $"hash=\"{status.ProfileHash}\"");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(gateway.DataFile(DeploymentStore.DeploymentFile)));
        Assert.Contains("deployment 3 of rollout rollout-3, written by developer, approved by reviewer", Assert.Single(gateway.Gateway.Logs.Of(EventIds.DeploymentInForce)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_AnyByteOfAStoredProfileChanged_IsRefused()
    {
        await using var gateway = await DeployedGateway.StartAsync();
        var package = gateway.Package(1, 1);
        var before = await gateway.StatusAsync();

        for (var at = 0; at < package.Closure.Length; at += 7)
        {
            var changed = (byte[])package.Closure.Clone();
            changed[at] ^= 1;
            var outcome = await gateway.ApplyAsync(package with { Closure = changed });
            Assert.True(outcome is { Result: DeploymentResult.Refused, Reason: "malformed" or "digest_mismatch" }, $"byte {at}: {outcome}");
        }

        Assert.Equal(before.ProfileHash, (await gateway.StatusAsync()).ProfileHash);
        await gateway.AppliesAsync(package);
    }

    [Fact]
    public async Task Apply_UnknownSigner_IsRefused()
    {
        await using var gateway = await DeployedGateway.StartAsync();
        var package = gateway.Package(1, 1);

        await gateway.RefusesAsync("unknown_signer", package with { Author = gateway.Signed.Version(DeployedGateway.Version(1), TestIdentities.Stranger) });
        await gateway.RefusesAsync("unknown_signer", package with { Approvals = [gateway.Signed.Approval(DeployedGateway.Version(1), TestIdentities.Stranger)] });
        await gateway.RefusesAsync("unknown_signer", package with { Deployment = gateway.Signed.Deployment(DeployedGateway.Version(1), 1, by: TestIdentities.Stranger) });
        await gateway.RefusesAsync("unsigned", package with { Author = [] });
        await gateway.Gateway.MetricIsAsync(3, "telemetry_profile_refusals_total", "reason=\"unknown_signer\"");
        await gateway.Gateway.MetricIsAsync(1, "telemetry_profile_refused");
        Assert.All(gateway.Gateway.Logs.Of(EventIds.DeploymentRefused), l => Assert.Equal(LogLevel.Error, l.Level));
    }

    [Fact]
    public async Task Apply_ReplayedDeployment_IsRefusedAlsoAfterARestart()
    {
        await using var gateway = await DeployedGateway.StartAsync();
        var first = gateway.Package(1, 1);
        await gateway.AppliesAsync(first);
        await gateway.AppliesAsync(gateway.Package(2, 2));

        await gateway.RefusesAsync("replayed", first);
        await gateway.RestartAsync(() => { });

        await gateway.RefusesAsync("replayed", first);
        Assert.Equal(2, (await gateway.StatusAsync()).Deployment!.Version);
    }

    [Fact]
    public async Task Apply_ApprovedByItsOwnAuthor_IsRefused()
    {
        await using var gateway = await DeployedGateway.StartAsync();
        var closure = DeployedGateway.Version(1);

        await gateway.RefusesAsync("self_approved", gateway.Signed.Package(closure, 1, 0, gateway.Signed.Approval(closure, TestIdentities.AuthorsOther)));
        await gateway.RefusesAsync("unapproved", gateway.Signed.Package(closure, 1));
    }

    [Fact]
    public async Task Apply_NewDeploymentOfAnOlderVersion_RollsBackUnlessTheFloorForbidsIt()
    {
        await using var gateway = await DeployedGateway.StartAsync();
        await gateway.AppliesAsync(gateway.Package(1, 1));
        var hash = (await gateway.StatusAsync()).ProfileHash;
        await gateway.AppliesAsync(gateway.Package(2, 2));

        await gateway.AppliesAsync(gateway.Package(1, 3));
        Assert.Equal((hash, 1), ((await gateway.StatusAsync()).ProfileHash, (await gateway.StatusAsync()).Deployment!.Version));

        await gateway.AppliesAsync(gateway.Package(2, 4, floor: 2));
        await gateway.RefusesAsync("below_floor", gateway.Package(1, 5));
    }

    [Fact]
    public async Task Apply_BrokenGlass_IsInForceAndLoud()
    {
        await using var gateway = await DeployedGateway.StartAsync();
        var closure = DeployedGateway.Version(1);
        await gateway.Gateway.MetricIsAsync(0, "telemetry_profile_break_glass");

        await gateway.AppliesAsync(gateway.Signed.Package(closure, 1, 0, gateway.Signed.BrokenGlass(closure)));

        var glass = (await gateway.StatusAsync()).Deployment!.BreakGlass!;
        Assert.Equal(("on-call", "the site is down"), (glass.Person, glass.Reason));
        await gateway.Gateway.MetricIsAsync(1, "telemetry_profile_break_glass");
        Assert.Equal(LogLevel.Critical, Assert.Single(gateway.Gateway.Logs.Of(EventIds.GlassBroken)).Level);

        await gateway.AppliesAsync(gateway.Package(1, 2));
        await gateway.Gateway.MetricIsAsync(0, "telemetry_profile_break_glass");
    }

    [Fact]
    public async Task Apply_BadOnesWhileTelemetryFlows_TakesEveryRequestUnderTheOldProfile()
    {
        await using var gateway = await DeployedGateway.StartAsync();
        await gateway.AppliesAsync(gateway.Package(2, 2));
        var hash = (await gateway.StatusAsync()).ProfileHash;
        using var sender = gateway.Gateway.Grpc(gateway.Gateway.Writer("acme"));
        using var stop = new CancellationTokenSource();
        var sent = 0;
        var sending = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await sender.ExportAsync(Signal.Logs, OtlpBytes.Request(Signal.Logs));
                sent++;
            }
        });

        var (old, next) = (gateway.Package(1, 1), gateway.Package(3, 3));
        for (var i = 0; i < 50; i++)
        {
            await gateway.RefusesAsync("replayed", old);
            await gateway.RefusesAsync("unsigned", next with { Deployment = [] });
        }

        await stop.CancelAsync();
        await sending;
        Assert.True(sent > 50, $"{sent} requests");
        Assert.Equal(sent, gateway.Gateway.Log.Batches.Count);
        Assert.All(gateway.Gateway.Log.Batches, b => Assert.Equal(hash, b.ProfileHash));
    }

    [Fact]
    public async Task Apply_ListenersMove_IsRefusedSinceOnlyARestartCanMoveThem()
    {
        await using var gateway = await DeployedGateway.StartAsync(isListeningByProfile: true);
        var closure = DeployedGateway.Version(1, DeployedGateway.At(FreePort.Next(), FreePort.Next()));

        await gateway.RefusesAsync("needs_restart", gateway.Signed.Package(closure, 1, 0, gateway.Signed.Approval(closure)));

        Assert.Contains("listeners cannot move", (await gateway.StatusAsync()).ProfileFaults[0], StringComparison.Ordinal);
        Assert.False(File.Exists(gateway.DataFile(DeploymentStore.DeploymentFile)));
    }

    [Fact]
    public async Task Apply_DiskRefuses_FailsAndTheSameIsAppliedOnceTheDiskTakesIt()
    {
        await using var gateway = await DeployedGateway.StartAsync();
        var inTheWay = Directory.CreateDirectory(gateway.DataFile(DeploymentStore.DeploymentFile) + ".new");
        var hash = (await gateway.StatusAsync()).ProfileHash;

        var outcome = await gateway.ApplyAsync(gateway.Package(1, 1));

        Assert.Equal((DeploymentResult.Failed, "not_stored"), (outcome.Result, outcome.Reason));
        Assert.Equal(hash, (await gateway.StatusAsync()).ProfileHash);
        inTheWay.Delete();
        await gateway.AppliesAsync(gateway.Package(1, 1));
    }

    [Fact]
    public async Task Apply_TheSameAgain_IsAppliedAgain()
    {
        await using var gateway = await DeployedGateway.StartAsync();
        var package = gateway.Package(1, 1);

        await gateway.AppliesAsync(package);
        await gateway.RefusesAsync("unsigned", package with { Author = [] });
        await gateway.AppliesAsync(package);

        Assert.Null((await gateway.StatusAsync()).RefusedDeployment);
    }

    [Fact]
    public async Task Start_ServiceGone_RunsTheLastGoodDeploymentAndNotItsFile()
    {
        await using var gateway = await DeployedGateway.StartAsync();
        await gateway.AppliesAsync(gateway.Package(4, 9));
        var before = await gateway.StatusAsync();
        await gateway.Gateway.Profiles.DisposeAsync();

        await gateway.RestartAsync(() => { });

        var after = await gateway.StatusAsync();
        Assert.Equal((before.ProfileHash, 4, 9), (after.ProfileHash, after.Deployment!.Version, after.Deployment.Counter));
        await File.WriteAllTextAsync(gateway.Gateway.ProfilePath, TestProfiles.Small.Replace("max_records: 500", "max_records: 400", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        await gateway.AppliesAsync(gateway.Package(4, 10));
        await Task.Delay(TimeSpan.FromSeconds(2.5), TestContext.Current.CancellationToken);
        Assert.Equal(before.ProfileHash, (await gateway.StatusAsync()).ProfileHash);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Start_LastGoodDamaged_RunsItsFileLoudlyAndStillRefusesWhatWasReplaced(bool isCut)
    {
        await using var gateway = await DeployedGateway.StartAsync();
        var fromFile = (await gateway.StatusAsync()).ProfileHash;
        var old = gateway.Package(1, 1);
        await gateway.AppliesAsync(old);
        await gateway.AppliesAsync(gateway.Package(2, 2));

        await gateway.RestartAsync(() =>
        {
            var file = gateway.DataFile(DeploymentStore.DeploymentFile);
            var bytes = File.ReadAllBytes(file);
            bytes[bytes.Length / 2] ^= 1;
            File.WriteAllBytes(file, isCut ? bytes[..(bytes.Length / 2)] : bytes);
        });

        var status = await gateway.StatusAsync();
        Assert.Equal((fromFile, "damaged"), (status.ProfileHash, status.RefusedDeployment?.Reason));
        Assert.Null(status.Deployment);
        Assert.Equal(LogLevel.Critical, Assert.Single(gateway.Gateway.Logs.Of(EventIds.LastDeploymentUnusable)).Level);
        await gateway.RefusesAsync("replayed", old);
        await gateway.AppliesAsync(gateway.Package(2, 3));
    }

    [Fact]
    public async Task Start_AuthorIsTrustedNoMore_RunsItsFileLoudly()
    {
        await using var gateway = await DeployedGateway.StartAsync();
        var fromFile = (await gateway.StatusAsync()).ProfileHash;
        await gateway.AppliesAsync(gateway.Package(1, 1));

        var identities = gateway.Gateway.Identities;
        await gateway.RestartAsync(() => identities.Write(identities.Document with { Keys = [.. identities.Document.Keys.Where(k => k.Name != TestIdentities.Author)] }));

        var status = await gateway.StatusAsync();
        Assert.Equal((fromFile, "unknown_signer"), (status.ProfileHash, status.RefusedDeployment?.Reason));
        Assert.Single(gateway.Gateway.Logs.Of(EventIds.LastDeploymentUnusable));
    }

    [Fact]
    public async Task Start_FileIsBroken_StillRunsTheLastGoodDeployment()
    {
        await using var gateway = await DeployedGateway.StartAsync();
        await gateway.AppliesAsync(gateway.Package(1, 1));
        await gateway.Gateway.StopAsync();

        await gateway.Gateway.StartAsync(profile: "not: a profile");
        await gateway.Gateway.ReadyAsync();

        Assert.Equal(1, (await gateway.StatusAsync()).Deployment!.Version);
    }
}
