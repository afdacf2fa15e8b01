using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.IncidentService.FunctionalTests.Incidents;
using StellaOps.Telemetry.IncidentService.Incidents;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Chaos;

/// <summary>
/// Every edge of the state machine, as trying everything finds them, while one of the processes that matter is killed in the same moment.
/// Afterwards no incident is stuck, none skipped a step, no gateway keeps a raised rate past the end, and people were told of each step once.
/// </summary>
public sealed class ChaosTests(ITestOutputHelper output)
{
    private static readonly TimeSpan s_ends = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_aSecond = TimeSpan.FromSeconds(1);

    public static TheoryData<Victim> Victims => [.. Enum.GetValues<Victim>()];

    [Theory]
    [MemberData(nameof(Victims))]
    public async Task Edge_SomethingIsKilledAsItIsTaken_NothingIsStuckOrMissed(Victim victim)
    {
        var edges = MachineEdges.Find().DistinctBy(e => (e.From, e.To)).ToList();
        var allowed = edges.Select(e => ((IncidentState?)e.From, (IncidentState?)e.To)).ToHashSet();
        await using var stack = await ChaosStack.StartAsync();
        foreach (var wave in edges.Select(e => new ChaosIncident(stack, e)).GroupBy(i => (i.NeedsFrozenRedis, i.NeedsFrozenService)))
        {
            List<ChaosIncident> incidents = [.. wave];
            await stack.WorksAsync();
            var killedAt = wave.Key switch
            {
                (true, _) => await RequestedWaveAsync(stack, incidents, victim),
                (_, true) => await LateWaveAsync(stack, incidents, victim),
                _ => await WaveAsync(stack, incidents, victim),
            };
            await AssertEndedAsync(stack, incidents, allowed, victim);
            await AssertToldAsync(stack, incidents, victim);
            output.WriteLine($"{victim} killed {killedAt.TotalMilliseconds:0} ms after the moment of: {string.Join("; ", incidents.Select(i => $"{i.Edge.From} -> {i.Edge.To}"))}");
        }
    }

    /// <summary>All edges at one moment, 1.5 s from now; the kill is up to 40 ms before or after it.</summary>
    private static async Task<TimeSpan> WaveAsync(ChaosStack stack, List<ChaosIncident> incidents, Victim victim)
    {
        var moment = Now() + TimeSpan.FromSeconds(1.5);
        var offset = TimeSpan.FromMilliseconds(Random.Shared.Next(-40, 40));
        var kill = AtAsync(moment + offset, () => stack.KillAsync(victim));
        var taken = incidents.Select(async incident =>
        {
            if (!incident.IsStart)
            {
                await incident.StartAsync();

                // The clock takes it when the cooldown is over.
                await AtAsync(moment - (incident.IsByClock ? TimeSpan.FromSeconds(ChaosIncident.CooldownSeconds) : s_aSecond / 2), incident.ApproachAsync);
            }

            await AtAsync(moment, incident.TakeAsync);
        }).ToList();
        await kill;
        await stack.StartAsync(victim);
        await Task.WhenAll(taken);
        return offset;
    }

    /// <summary>Redis does not answer until their time is over.</summary>
    private static async Task<TimeSpan> RequestedWaveAsync(ChaosStack stack, List<ChaosIncident> incidents, Victim victim)
    {
        await stack.FreezeAsync(Victim.Redis);
        await Task.WhenAll(incidents.Select(i => i.StartAsync()));
        Assert.All(incidents, i => Assert.Equal(IncidentState.Requested, i.Started!.State));
        var offset = TimeSpan.FromMilliseconds(Random.Shared.Next(-40, 40));
        await AtAsync(incidents.Max(i => i.Started!.ExpiresAt) + offset, () => stack.KillAsync(victim));
        await stack.StartAsync(victim);
        await Eventually.HoldsAsync(async () => (await Task.WhenAll(incidents.Select(TryReadAsync))).All(i => i?.State == IncidentState.Expired), s_ends, "they expire without Redis");
        if (victim != Victim.Redis)
        {
            await stack.ThawAsync(Victim.Redis);
        }

        return offset;
    }

    /// <summary>The service does nothing until it is too late to close them in time. Gateways revert all the same.</summary>
    private static async Task<TimeSpan> LateWaveAsync(ChaosStack stack, List<ChaosIncident> incidents, Victim victim)
    {
        await Task.WhenAll(incidents.Select(async incident =>
        {
            await incident.StartAsync();
            await incident.ApproachAsync();
        }));
        var open = await Task.WhenAll(incidents.Select(i => i.ReadAsync()));
        await stack.FreezeAsync(Victim.IncidentService);
        Assert.Equal(incidents.Select(i => i.Edge.From), open.Select(i => i.State));
        await AtAsync(
            open.Max(i => i.ExpiresAt),
            () => Eventually.HoldsAsync(async () => await stack.InForceAsync() is { Count: 0 }, s_aSecond * 4, "the gateway reverts by its own clock"));
        await AtAsync(open.Max(i => i.ExpiresAt) + IncidentMachine.Grace + (s_aSecond / 2), () => stack.KillAsync(victim));
        if (victim != Victim.IncidentService)
        {
            await stack.ThawAsync(Victim.IncidentService);
        }

        await stack.StartAsync(victim);
        return IncidentMachine.Grace;
    }

    private static async Task AssertEndedAsync(ChaosStack stack, List<ChaosIncident> incidents, HashSet<(IncidentState?, IncidentState?)> allowed, Victim victim)
    {
        var ended = new List<IncidentResponse>();
        foreach (var incident in incidents)
        {
            IncidentResponse? last = null;
            await Eventually.HoldsAsync(
                async () => (last = await TryReadAsync(incident)) is { State: IncidentState.Closed or IncidentState.Expired or IncidentState.Superseded }, s_ends, $"{incident.Edge} ends; it is {last?.State}");
            var steps = last!.Timeline.Where(e => e.State is not null).ToList();
            var states = steps.Select(e => e.State).ToList();
            Assert.Equal(Enumerable.Range(1, steps.Count).Select(n => (long?)n), steps.Select(e => e.Version));
            Assert.All(states.Zip(states.Skip(1)).Where(p => p.First != p.Second), p => Assert.Contains(p, allowed));
            ended.Add(last);
        }

        // While the service was away, time went on: the incident may have gone another way then. Gateways disturb no edge.
        Assert.All(incidents.Zip(ended), p => Assert.True(
            TookEdge(p.Second, p.First.Edge) || victim != Victim.Gateway, $"{p.First.Edge} was not taken: {string.Join(", ", p.Second.Timeline.Select(e => $"{e.Action} {e.State}"))}"));
        await Eventually.HoldsAsync(
            async () => await stack.InForceAsync() is { } inForce && !incidents.Any(i => inForce.Contains(i.Id)), s_aSecond * 5, "the gateway has reverted");
    }

    /// <summary>
    /// Whoever is told of incidents was told of each one's end, and of nothing twice. Only where the process that sends, or the table in which it
    /// notes what it sent, was killed or frozen between the receiver's answer and that note may the same bytes come again, by the same id.
    /// </summary>
    private static async Task AssertToldAsync(ChaosStack stack, List<ChaosIncident> incidents, Victim victim)
    {
        foreach (var incident in incidents)
        {
            var last = (await incident.ReadAsync()).Timeline.Last(e => e.State is not null);
            await Eventually.HoldsAsync(
                () => stack.Notified.All("webhook-id").Contains($"{incident.Id}-{last.Version}-{last.Action}"), s_ends, $"{incident.Edge}: somebody is told of its end");
        }

        foreach (var twice in stack.Notified.Received.GroupBy(r => r.Headers["webhook-id"]).Where(g => g.Count() > 1))
        {
            var isInterrupted = victim is Victim.IncidentService or Victim.Postgres || incidents.Any(i => i.NeedsFrozenService);
            Assert.True(isInterrupted, $"{twice.Key} was told {twice.Count()} times");
            Assert.Single(twice.Select(r => r.Body).Distinct());
            Assert.Equal(2, twice.Count());
        }
    }

    private static bool TookEdge(IncidentResponse incident, MachineEdge edge)
    {
        var states = incident.Timeline.Where(e => e.State is not null).Select(e => e.State!.Value).ToList();
        return states.Zip(states.Skip(1)).Contains((edge.From, edge.To));
    }

    private static async Task<IncidentResponse?> TryReadAsync(ChaosIncident incident)
    {
        try
        {
            return await incident.ReadAsync();
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or IOException or Clients.ApiException)
        {
            return null;
        }
    }

    private static async Task AtAsync(DateTimeOffset moment, Func<Task> action)
    {
        if (moment - Now() is var wait && wait > TimeSpan.Zero)
        {
            await Task.Delay(wait);
        }

        await action();
    }

    private static DateTimeOffset Now() => TimeProvider.System.GetUtcNow();
}
