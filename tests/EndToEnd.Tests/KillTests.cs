using System.Diagnostics;
using System.Globalization;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.EndToEnd.Tests;

/// <summary>
/// Everything that AppHost started is killed with SIGKILL, in turn and under traffic, and AppHost itself: what was acknowledged is found
/// afterwards, id by id, and nobody had to help the stack up again.
/// </summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private static readonly TimeSpan s_childrenEndWithin = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Process_KilledUnderTraffic_EveryAcknowledgedSpanIsFoundAndTheIncidentHolds()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var stack = await StackProcess.StartAsync();
        await using var traffic = await KilledTraffic.PrepareAsync(stack, output, cancellationToken);
        traffic.Start();
        foreach (var victims in (string[][])
        [
            [KnownServices.Postgres],
            [KnownServices.IngestGateway],
            [KnownServices.ProfileService],
            [KnownServices.Redis],
            [KnownServices.IncidentService],
            [KnownServices.IngestGateway],
            [KnownServices.CaptureWorker],

            // The gateway comes up while Redis is away: it has the incident from its own disk.
            [KnownServices.Redis, KnownServices.IngestGateway],
        ])
        {
            // Not in step with the sampler's and the exporters' clocks.
            await traffic.FlowsAsync(Random.Shared.Next(1, 80));
            var clock = Stopwatch.StartNew();
            var killed = await Task.WhenAll(victims.Select(stack.KillAsync));
            for (var i = 0; i < victims.Length; i++)
            {
                await stack.RestartedAsync(victims[i], killed[i]);
            }

            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{string.Join(" and ", victims)}: healthy again {clock.Elapsed.TotalSeconds:F1} s after its death"));
            await traffic.AssertIncidentInForceAsync(cancellationToken);
        }

        await traffic.FlowsAsync(20);
        await traffic.StopAsync();
        await traffic.AssertEverythingIsFoundAsync(cancellationToken);
    }

    [Fact]
    public async Task Host_KilledUnderTraffic_ChildrenEndAndTheNextStartFindsEveryAcknowledgedSpan()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var state = Directory.CreateTempSubdirectory("stella-stack-");
        try
        {
            await using var stack = await StackProcess.StartAsync(state.FullName);
            await using var traffic = await KilledTraffic.PrepareAsync(stack, output, cancellationToken);
            traffic.Start();
            await traffic.FlowsAsync(Random.Shared.Next(50, 150));
            var children = StackProcess.DescendantsOf(stack.ProcessId);
            Assert.All(stack.Endpoints.Processes, p => Assert.Contains(p.ProcessId, children));
            var clock = Stopwatch.StartNew();
            await stack.KillHostAsync();
            await Eventually.HoldsAsync(() => !children.Any(StackProcess.IsAlive), s_childrenEndWithin, "the children of a killed AppHost are gone");
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{children.Count} processes gone {clock.Elapsed.TotalSeconds:F1} s after AppHost's death"));
            await traffic.StopAsync();

            await using var again = await StackProcess.StartAsync(state.FullName);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ready again {clock.Elapsed.TotalSeconds:F1} s after it"));
            await traffic.MoveToAsync(again);
            await traffic.AssertIncidentInForceAsync(cancellationToken);
            traffic.Start();
            await traffic.FlowsAsync(50);
            await traffic.StopAsync();
            await traffic.AssertEverythingIsFoundAsync(cancellationToken);
        }
        finally
        {
            state.Delete(recursive: true);
        }
    }
}
