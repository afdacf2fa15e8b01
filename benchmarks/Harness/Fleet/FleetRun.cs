using System.Diagnostics;
using StellaOps.Telemetry.Benchmarks.Harness.Processes;
using StellaOps.Telemetry.Benchmarks.Harness.Reporting;
using StellaOps.Telemetry.Contracts.Profiles;
using StellaOps.Telemetry.Contracts.Rollouts;
using StellaOps.Telemetry.Tests.Shared.Fleet;
using StellaOps.Telemetry.Tests.Shared.Profiles;

namespace StellaOps.Telemetry.Benchmarks.Harness.Fleet;

/// <summary>
/// A fleet of simulated agents against one profile service: how long a rollout to all takes, how long after its decision an agent has the
/// offer, and what that costs the service.
/// </summary>
internal static class FleetRun
{
    private const double MaxRolloutSeconds = 120;
    private const double MaxOfferSeconds = 1;
    private const double MaxMemoryMiB = 300;
    private const string Profile = "fleet";

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    public static async Task<int> RunAsync(FleetOptions options)
    {
        await using var service = new FleetService();
        await service.StartAsync();
        var usage = new ProcessUsage(service.ProcessId);
        var agents = new List<SimulatedGateway>();
        try
        {
            var joining = Stopwatch.GetTimestamp();
            for (var i = 0; i < options.Agents; i++)
            {
                agents.Add(new SimulatedGateway(service.Url, service.AgentToken, service.Identities.Trust, polls: i >= options.Agents - options.Polling, judges: i < options.Judging));
            }

            await UntilAsync(async () => (await service.Client.GetFleetAsync(CancellationToken.None)).Connected == options.Agents, "all agents are connected");
            Say($"{options.Agents} agents ({options.Polling} of them polling) connected within {Stopwatch.GetElapsedTime(joining).TotalSeconds:0.0} s; the service has {usage.MemoryMiB():0} MiB");

            var idle = usage.CpuSeconds();
            await Task.Delay(TimeSpan.FromSeconds(options.IdleSeconds));
            Say($"idle for {options.IdleSeconds} s: {(usage.CpuSeconds() - idle) * 100 / options.IdleSeconds:0.0} % of a core");

            var (rollout, seconds) = await RollOutAsync(service, options, usage);
            var latencies = await OfferSecondsAsync(service, rollout, agents);
            return Judge(rollout, seconds, latencies, agents, usage.PeakMemoryMiB());
        }
        finally
        {
            await Task.WhenAll(agents.Select(a => a.DisposeAsync().AsTask()));
        }
    }

    private static async Task<(RolloutResponse Rollout, double Seconds)> RollOutAsync(FleetService service, FleetOptions options, ProcessUsage usage)
    {
        var closure = ProfileVersions.Closure(Profile, 1);
        await service.Client.PublishAsync(Profile, new PublishProfileRequest(closure.ToBytes(), new SignedProfiles(service.Identities).Version(closure)), null, CancellationToken.None);
        var (began, cpu) = (Stopwatch.GetTimestamp(), usage.CpuSeconds());
        var rollout = await service.Client.StartRolloutAsync(
            new StartRolloutRequest(Profile, 1, Canary: options.Canary, SoakSeconds: options.SoakSeconds), null, CancellationToken.None);
        var batch = 0;
        await UntilAsync(
            async () =>
            {
                rollout = await service.Client.GetRolloutAsync(rollout.Id, CancellationToken.None);
                if (rollout.Batch != batch)
                {
                    batch = rollout.Batch;
                    Say($"{Stopwatch.GetElapsedTime(began).TotalSeconds,6:0.0} s: batch {batch} of {rollout.BatchSizes.Count}, {rollout.BatchSizes[batch - 1]} agents");
                }

                return rollout.FinishedAt is not null;
            },
            "the rollout ends");
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        Say($"{seconds,6:0.0} s: {rollout.State}; {usage.CpuSeconds() - cpu:0.0} CPU-s of the service, {usage.MemoryMiB():0} MiB now");
        return (rollout, seconds);
    }

    /// <summary>From the service's decision to offer to the agent's receipt; of those that hold a connection, ascending.</summary>
    private static async Task<List<double>> OfferSecondsAsync(FleetService service, RolloutResponse rollout, List<SimulatedGateway> agents)
    {
        var receipts = agents.Where(a => !a.Polls && a.OfferedAt is not null).ToDictionary(a => a.Uid, a => a.OfferedAt!.Value, StringComparer.Ordinal);
        var seconds = new List<double>();
        string? cursor = null;
        do
        {
            var page = await service.Client.ListRolloutAgentsAsync(rollout.Id, cursor, CancellationToken.None);
            seconds.AddRange(page.Items.Where(m => m.OfferedAt is not null && receipts.ContainsKey(m.Uid)).Select(m => (receipts[m.Uid] - m.OfferedAt!.Value).TotalSeconds));
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        seconds.Sort();
        return seconds;
    }

    private static int Judge(RolloutResponse rollout, double seconds, List<double> latencies, List<SimulatedGateway> agents, double memory)
    {
        var p99 = latencies.Count == 0 ? double.PositiveInfinity : latencies[(int)(latencies.Count * 0.99)];
        Say($"offers over {latencies.Count} connections: p50 {(latencies.Count == 0 ? 0 : latencies[latencies.Count / 2]) * 1000:0} ms, p99 {p99 * 1000:0} ms, longest {(latencies.Count == 0 ? 0 : latencies[^1]) * 1000:0} ms");
        return Verdict.Print(
            ($"the rollout reached all {agents.Count}: {rollout.State}, {agents.Count(a => a.Running is not null)} run it", rollout.State == RolloutState.Completed && agents.All(a => a.Running is not null)),
            ($"within {MaxRolloutSeconds:0} s: {seconds:0.0} s", seconds <= MaxRolloutSeconds),
            ($"p99 of an offer below {MaxOfferSeconds:0} s: {p99:0.000} s", p99 < MaxOfferSeconds),
            ($"memory of the service stayed below {MaxMemoryMiB:0} MiB: {memory:0} MiB", memory < MaxMemoryMiB));
    }

    private static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        var began = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(began) > s_patience)
            {
                throw new TimeoutException($"it took longer than {s_patience} until {what}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(250));
        }
    }

    private static void Say(FormattableString text) => Console.Out.WriteLine(FormattableString.Invariant(text));
}
