using System.Globalization;
using StellaOps.Telemetry.Benchmarks.Harness.Pipelines;
using StellaOps.Telemetry.Benchmarks.Harness.Processes;
using StellaOps.Telemetry.Benchmarks.Harness.Reporting;
using StellaOps.Telemetry.Benchmarks.Harness.Scenarios;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Tests.Shared.Redis;

namespace StellaOps.Telemetry.Benchmarks.Harness.Incidents;

/// <summary>
/// A storm: a thousand incidents started within ten seconds for a tenant that sends 20,000 spans a second, all of which one open incident keeps
/// already. What that costs the gateway is compared with the ten seconds before it, of the same run.
/// </summary>
internal static class Storm
{
    private const int Starts = 1000;
    private const int Senders = 8;
    private const int Rate = 20_000;
    private const int Ceiling = 20;
    private const double MaxRatio = 1.05;
    private const int TtlSeconds = 12;

    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(20);

    public static async Task<int> RunAsync(ScenarioOptions options)
    {
        await using var redis = await RedisServer.StartNewAsync(RedisKind.RedisServer);
        var setup = new SceneSetup { Settings = new Dictionary<string, string> { [KnownEnvironment.RedisConnection] = redis.ConnectionString } };
        await using var scene = await Scene.StartAsync(options, setup);
        await using var service = await IncidentServiceProcess.StartAsync(scene.Plane, redis);
        await using var generator = await scene.LoadAsync(new Pipeline("storm", options.Pipeline) { Rate = Rate });
        var tenant = scene.Plane.Tenants[0];
        await service.Client.StartAsync(Request(tenant, "the one that was there before", 3600), null, CancellationToken.None);
        await Task.Delay(s_warmUp);

        var ratios = new List<double>();
        var (started, raised, heard) = (0, 0, 0);
        for (var round = 0; round < options.Rounds; round++)
        {
            var calm = await CostAsync(scene, generator, () => Task.Delay(s_window));
            var storm = await CostAsync(scene, generator, async () => started += await StartManyAsync(service.Client, tenant));
            var open = await OpenAsync(service.Client, tenant);
            raised = Math.Max(raised, open.Count(i => i.EffectiveSamplingRate > 0));
            heard = Math.Max(heard, (await scene.Gateway.Client.GetSelfAsync(CancellationToken.None)).ActiveIncidents.Count);
            ratios.Add(storm / calm);
            Say($"round {round + 1}: {calm:0.00} CPU-s/M in the calm, {storm:0.00} in the storm: {storm / calm:0.000}; {open.Count} open, {raised} raised, the gateway knows {heard}");
            while ((await OpenAsync(service.Client, tenant)).Count > 1)
            {
                await Task.Delay(TimeSpan.FromSeconds(1));
            }
        }

        var ratio = Median.Of(ratios, r => r);
        return Verdict.Print(
            ($"{Starts} starts within {s_window.TotalSeconds:0} s were taken, each time: {started}", started == Starts * options.Rounds),
            ($"no more than {Ceiling} raised sampling: {raised}, and the gateway knew of no more: {heard}", raised <= Ceiling && heard <= Ceiling),
            ($"CPU-s per million spans grew by no more than 5 %: {ratio:0.000} (median of {options.Rounds})", ratio <= MaxRatio));
    }

    private static async Task<double> CostAsync(Scene scene, ChildProcess generator, Func<Task> during)
    {
        var (before, cpu) = (Scene.Count(await generator.AskAsync("mark"), "acknowledged"), scene.Gateway.Usage.CpuSeconds());
        await during();
        return (scene.Gateway.Usage.CpuSeconds() - cpu) * 1_000_000 / Math.Max(1, Scene.Count(await generator.AskAsync("mark"), "acknowledged") - before);
    }

    /// <summary>Evenly over the window; how many were taken.</summary>
    private static async Task<int> StartManyAsync(IncidentClient client, TenantId tenant)
    {
        var began = TimeProvider.System.GetTimestamp();
        var taken = 0;
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(async sender =>
        {
            for (var i = sender; i < Starts; i += Senders)
            {
                var due = (s_window * i / Starts) - TimeProvider.System.GetElapsedTime(began);
                if (due > TimeSpan.Zero)
                {
                    await Task.Delay(due);
                }

                await client.StartAsync(Request(tenant, string.Create(CultureInfo.InvariantCulture, $"storm {i}"), TtlSeconds), null, CancellationToken.None);
                Interlocked.Increment(ref taken);
            }
        }));
        var took = TimeProvider.System.GetElapsedTime(began);
        if (took > s_window * 1.2)
        {
            Say($"the service was not fast enough for the storm: it took {took.TotalSeconds:0.0} s");
        }

        return taken;
    }

    private static async Task<List<IncidentResponse>> OpenAsync(IncidentClient client, TenantId tenant)
    {
        var open = new List<IncidentResponse>();
        string? cursor = null;
        do
        {
            var page = await client.ListAsync(tenant, cursor, CancellationToken.None);
            open.AddRange(page.Items.Where(i => i.State is IncidentState.Requested or IncidentState.Active or IncidentState.CoolingDown));
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        return open;
    }

    private static StartIncidentRequest Request(TenantId tenant, string reason, int ttlSeconds) =>
        new(tenant, null, reason, TtlSeconds: ttlSeconds, CooldownSeconds: 0, Captures: new IncidentCaptures(OnClose: false));

    private static void Say(FormattableString text) => Console.Out.WriteLine(FormattableString.Invariant(text));
}
