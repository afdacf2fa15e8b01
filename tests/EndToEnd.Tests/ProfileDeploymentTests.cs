using System.Diagnostics;
using System.Globalization;
using OpenTelemetry.Exporter;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Fleet;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.Contracts.Rollouts;
using StellaOps.Telemetry.EndToEnd.Tests.TestServices;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Stack;
using StellaOps.Telemetry.Tests.Shared.Telemetry;

namespace StellaOps.Telemetry.EndToEnd.Tests;

/// <summary>From an author's file to the gateway and back, on a whole stack under traffic: none of it is refused, and none is lost.</summary>
public sealed class ProfileDeploymentTests(SharedStack shared, ITestOutputHelper output) : IClassFixture<SharedStack>
{
    private const string KeepEverything =
        """
          sampling:
            decision_wait: 1s
            policies:
              - { name: everything, type: always_sample }
        """;

    private const string KeepErrors =
        """
          sampling:
            decision_wait: 1s
            policies:
              - { name: errors, type: status_code, status_code: { status_codes: [ERROR] } }
        """;

    private readonly RunningStack _stack = shared.Stack;

    [Fact]
    public async Task Deploy_ApprovedVersion_IsInForceAndAnOlderOneComesBack()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var startedAt = TimeProvider.System.GetUtcNow();
        using var desk = new ProfileDesk(_stack.Stella);
        var steady = await NewTenantAsync("steady", cancellationToken);
        var probe = await NewTenantAsync("probe", cancellationToken);
        using var workload = probe.StartWorkload("shop", OtlpExportProtocol.Grpc);
        await using var sender = SteadySender.Start(_stack, steady);
        string[] here = await SelectorOfTheGatewayAsync(cancellationToken);

        // 1. What nobody but its author has seen goes nowhere.
        await desk.PublishAsync("shop", "forensic", KeepEverything);
        var unapproved = await desk.DeployAsync("shop", here);
        Assert.Equal(2, unapproved.ExitCode);
        Assert.Contains("has 0 approvals and needs 1", unapproved.Error, StringComparison.Ordinal);

        // 2. Approved by somebody else it is in force, by its own version and hash, and it is what decides.
        await desk.ApproveAsync("shop");
        var first = await DeployToGatewayAsync(desk, "shop", [.. here, "--soak", "1s"], cancellationToken);
        Assert.Equal(("shop", 1L, "developer"), (first.Profile, first.Deployment!.Version, first.Deployment.Author));
        Assert.Equal(["reviewer"], first.Deployment.Approvers);
        Assert.Equal((await _stack.Profiles.GetVersionAsync("shop", 1, cancellationToken)).Hash, first.ProfileHash);
        Assert.Equal(new TraceVerdict("kept", "everything"), await VerdictAsync(probe, workload, cancellationToken));
        var status = await _stack.Stella.TelemetryAsync("status");
        Assert.Contains("version 1, written by developer, approved by reviewer", status.Output, StringComparison.Ordinal);

        // 3. So is the next one.
        await desk.PublishAsync("shop", "forensic", KeepErrors);
        await desk.ApproveAsync("shop");
        var second = await DeployToGatewayAsync(desk, "shop", [.. here, "--soak", "1s"], cancellationToken);
        Assert.Equal(2, second.Deployment!.Version);
        Assert.NotEqual(first.ProfileHash, second.ProfileHash);
        Assert.False((await VerdictAsync(probe, workload, cancellationToken)).IsKept);

        // 4. Going back is a new deployment of the older version.
        var back = await DeployToGatewayAsync(desk, "shop", [.. here, "--version", "1", "--soak", "1s"], cancellationToken);
        Assert.Equal((1L, first.ProfileHash), (back.Deployment!.Version, back.ProfileHash));
        Assert.True(first.Deployment.Counter < second.Deployment.Counter && second.Deployment.Counter < back.Deployment.Counter);
        Assert.Equal(new TraceVerdict("kept", "everything"), await VerdictAsync(probe, workload, cancellationToken));

        await sender.AssertUndisturbedAsync(cancellationToken);
        var (kept, sampledOut) = await Books.AssertBalancedAsync(_stack, steady.Name, startedAt, cancellationToken);
        output.WriteLine($"{steady.AcknowledgedSpans} spans through three deployments: {kept} kept and archived, {sampledOut} sampled out, none refused, none lost");
    }

    [Fact]
    public async Task Deploy_WhatTheCanaryCannotRun_GoesBackAndTouchesNothingElse()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var startedAt = TimeProvider.System.GetUtcNow();
        using var desk = new ProfileDesk(_stack.Stella);
        var data = Directory.CreateTempSubdirectory("stella-branch-");
        try
        {
            var steady = await NewTenantAsync("steady", cancellationToken);
            await using var sender = SteadySender.Start(_stack, steady);
            string[] here = await SelectorOfTheGatewayAsync(cancellationToken);
            string[] branch = ["--selector", "site=branch", "--soak", "2s"];

            // 1. A branch of two gateways on whose machines nobody has put the key that pseudonyms are made with.
            var machine = new Dictionary<string, string>
            {
                [KnownEnvironment.RedactionHmacKeyFile] = "",
                [KnownEnvironment.ProfilePath] = desk.Write("house", "default", "  redaction: none"),
                [KnownEnvironment.FleetLabels] = "site=branch",
            };
            await using var left = await SecondGateway.StartAsync(_stack, Path.Combine(data.FullName, "left"), machine, cancellationToken);
            await using var right = await SecondGateway.StartAsync(_stack, Path.Combine(data.FullName, "right"), machine, cancellationToken);
            var agents = new Dictionary<string, AgentResponse>(StringComparer.Ordinal);
            await Eventually.HoldsAsync(
                async () => (agents = await AgentsAsync(cancellationToken)).Values.Count(a => a.Connected && (a.Labels["service.instance.id"] == left.Id || a.Labels["service.instance.id"] == right.Id)) == 2,
                TimeSpan.FromSeconds(20),
                "the branch is in the fleet");
            await desk.PublishAsync("plain", "default", "  redaction: none");
            await desk.DeployedAsync("plain", branch);
            await desk.PublishAsync("till", "default", KeepEverything);
            await desk.DeployedAsync("till", [.. here, "--soak", "1s"]);
            var before = await AgentsAsync(cancellationToken);

            // 2. What redacts cannot run there: the first that is asked says so, nobody else is asked, and it runs again what it ran.
            var refused = await desk.DeployAsync("till", branch);
            Assert.Equal(1, refused.ExitCode);
            Assert.Contains("rolled_back", refused.Output, StringComparison.Ordinal);
            Assert.Contains("invalid_profile: redaction policy 'baseline' (Stella__Redaction__HmacKeyFile not set)", refused.Error, StringComparison.Ordinal);
            var rollout = (await _stack.Profiles.ListRolloutsAsync(null, cancellationToken)).Items[0];
            Assert.Equal((RolloutState.RolledBack, 1), (rollout.State, rollout.Batch));
            var asked = await _stack.Profiles.ListRolloutAgentsAsync(rollout.Id, null, cancellationToken);
            var canary = asked.Items.Single(a => a.Batch == 1);
            Assert.Equal((RolloutAgentState.Reverted, "plain@1"), (canary.State, canary.Before));
            Assert.Contains("Stella__Redaction__HmacKeyFile not set", canary.Error, StringComparison.Ordinal);
            Assert.Equal(RolloutAgentState.Waiting, asked.Items.Single(a => a.Batch == 2).State);
            var after = await AgentsAsync(cancellationToken);
            Assert.All(after.Values, a => Assert.Equal((false, a.Desired), (a.Drift, a.Running)));
            Assert.Equal(("plain", 1L), (after[canary.Uid].Running!.Profile, after[canary.Uid].Running!.Version));
            Assert.True(after[canary.Uid].Running!.Counter > rollout.Counter);
            Assert.All(after.Values.Where(a => a.Uid != canary.Uid), a => Assert.Equal(before[a.Uid].Running, a.Running));
            foreach (var gateway in (SecondGateway[])[left, right])
            {
                var self = await gateway.GetSelfAsync(cancellationToken);
                Assert.Equal(("plain", "none"), (self.Profile, self.RedactionPolicy));
                Assert.Contains(after.Values, a => a.Labels["service.instance.id"] == gateway.Id && a.Running!.Counter == self.Deployment!.Counter);
            }

            // 3. What is taken over and does not work there is found by the soak, while everything is taken and kept.
            await desk.PublishAsync(
                "till",
                "default",
                KeepEverything + "\n  exporters:\n    - { name: archive, type: archive, max_segment_age: 5s }\n    - { name: store, type: otlp, endpoint: \"https://127.0.0.1:9\", tls: { ca_file: /etc/stella/no-such-ca.pem } }");
            var clock = Stopwatch.StartNew();
            var ill = await desk.DeployAsync("till", [.. here, "--soak", "90s"]);
            Assert.Equal(1, ill.ExitCode);
            Assert.Contains("rolled_back", ill.Output, StringComparison.Ordinal);
            Assert.Contains("/etc/stella/no-such-ca.pem", ill.Error, StringComparison.Ordinal);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"a store that cannot be reached: back on the version before {clock.Elapsed.TotalSeconds:F0} s after the command: {ill.Error.Trim().Split('\n')[^2]}"));
            var healthy = await _stack.Gateway.GetSelfAsync(cancellationToken);
            Assert.Equal(("till", 1L), (healthy.Profile, healthy.Deployment!.Version));
            Assert.Equal(["archive"], healthy.Exporters.Select(e => e.Name));

            await sender.AssertUndisturbedAsync(cancellationToken);
            var (kept, sampledOut) = await Books.AssertBalancedAsync(_stack, steady.Name, startedAt, cancellationToken);
            output.WriteLine($"{steady.AcknowledgedSpans} spans meanwhile: {kept} kept and archived, {sampledOut} sampled out, none refused, none lost");
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    /// <summary>Deploys, sees when the gateway has it in force, and waits for the rollout's end.</summary>
    private async Task<GatewayStatusResponse> DeployToGatewayAsync(ProfileDesk desk, string profile, string[] arguments, CancellationToken cancellationToken)
    {
        var before = (await _stack.Gateway.GetSelfAsync(cancellationToken)).Deployment?.Counter;
        var clock = Stopwatch.StartNew();
        var deploying = desk.DeployedAsync(profile, arguments);
        await Eventually.HoldsAsync(
            async () => deploying.IsCompleted || (await _stack.Gateway.GetSelfAsync(cancellationToken)).Deployment?.Counter != before, TimeSpan.FromSeconds(30), $"{profile} is in force");
        var (seenAt, seenAfter) = (TimeProvider.System.GetUtcNow(), clock.Elapsed);
        Assert.Contains("1 applied", (await deploying).Output, StringComparison.Ordinal);
        var now = await _stack.Gateway.GetSelfAsync(cancellationToken);
        Assert.NotEqual(before, now.Deployment!.Counter);
        var rollout = await _stack.Profiles.GetRolloutAsync(now.Deployment.Rollout, cancellationToken);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{profile}@{rollout.Version}: in force {(seenAt - rollout.StartedAt).TotalMilliseconds:F0} ms after the service took the request, {seenAfter.TotalMilliseconds:F0} ms after the command began; completed {(rollout.FinishedAt!.Value - rollout.StartedAt).TotalMilliseconds:F0} ms after the request with a soak of {rollout.SoakSeconds} s"));
        return now;
    }

    private async Task<TenantSender> NewTenantAsync(string name, CancellationToken cancellationToken)
    {
        var tenant = await _stack.AddTenantAsync(SharedStack.NewTenantName(name));
        await tenant.WaitUntilAcceptedAsync(cancellationToken);
        return tenant;
    }

    private async Task<string[]> SelectorOfTheGatewayAsync(CancellationToken cancellationToken) =>
        ["--selector", $"service.instance.id={(await _stack.Gateway.GetSelfAsync(cancellationToken)).GatewayId}"];

    private async Task<Dictionary<string, AgentResponse>> AgentsAsync(CancellationToken cancellationToken) =>
        (await _stack.Profiles.ListAgentsAsync(null, cancellationToken)).Items.ToDictionary(a => a.Uid, StringComparer.Ordinal);

    private static async Task<TraceVerdict> VerdictAsync(TenantSender tenant, SdkWorkload workload, CancellationToken cancellationToken)
    {
        var traces = workload.Serve(5, errorEvery: 0);
        workload.FlushAll();
        return Assert.Single((await tenant.DecisionsAsync(traces, cancellationToken)).Values.Distinct());
    }
}
