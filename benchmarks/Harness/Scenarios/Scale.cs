using System.Globalization;
using System.Text.Json;
using StellaOps.Telemetry.Benchmarks.Harness.Pipelines;
using StellaOps.Telemetry.Benchmarks.Harness.Reporting;
using StellaOps.Telemetry.Benchmarks.Harness.Stack;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.Benchmarks.Harness.Scenarios;

/// <summary>What a million spans cost by the number of tenants, of open incidents, of policies that keep nothing, and by load.</summary>
internal static class Scale
{
    /// <summary>
    /// With many tenants the first segments are written when the oldest is <c>max_segment_age</c> after <c>decision_wait</c>: ten seconds, and the
    /// compiler's work on them comes behind.
    /// </summary>
    private const int WarmUpSeconds = 30;

    /// <summary>One tenant, no incidents, no idle policies, as fast as it goes: what the others are compared with.</summary>
    private static readonly Row s_base = new("base", 0);

    private static readonly Row[] s_rows =
    [
        new("tenants", 100), new("tenants", 1000), new("incidents", 1000), new("policies", 1), new("policies", 100), new("rate", 10_000), new("rate", 50_000),
    ];

    /// <summary>Round by round, since a shared machine is not equally fast at all times: a row is compared with the base of its own round.</summary>
    public static async Task<int> RunAsync(ScenarioOptions options)
    {
        Row[] rows = [s_base, .. s_rows.Where(r => options.Only is null || options.Only == r.Dimension || options.Only == r.Name)];
        var measured = rows.ToDictionary(r => r, _ => new List<Figures>());
        for (var round = 0; round < options.Rounds; round++)
        {
            foreach (var row in rows)
            {
                await Console.Error.WriteLineAsync($"round {round + 1} of {options.Rounds}: {row.Name}");
                measured[row].Add(await MeasureAsync(options, row));
            }
        }

        Console.Out.WriteLine($"{"",-16} {"CPU-s/M",8} {"of base",8} {"records/s",10} {"MiB",6} {"refused",8}");
        foreach (var row in rows)
        {
            var runs = measured[row];
            Console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{row.Name,-16} {Median.Of(runs, r => r.Cost),8:0.00} {Median.Of(runs.Zip(measured[s_base]), r => r.First.Cost / r.Second.Cost),8:0.00} {Median.Of(runs, r => r.Rate),10:0} {runs.Max(r => r.MiB),6:0} {runs.Sum(r => r.Refused),8}"));
        }

        return 0;
    }

    private static async Task<Figures> MeasureAsync(ScenarioOptions options, Row row)
    {
        int Of(string dimension, int otherwise) => row.Dimension == dimension ? row.Value : otherwise;
        var setup = new SceneSetup { Tenants = Of("tenants", 1), IdlePolicies = Of("policies", 0) };
        await using var scene = await Scene.StartAsync(options, setup, (plane, data) => OpenIncidents(plane, data, Of("incidents", 0)));
        await using var generator = await scene.LoadAsync(new Pipeline("scale", options.Pipeline) { Rate = Of("rate", 0) });
        await Task.Delay(TimeSpan.FromSeconds(WarmUpSeconds));
        var (before, cpuBefore) = (Scene.Count(await generator.AskAsync("mark"), "acknowledged"), scene.Gateway.Usage.CpuSeconds());
        await Task.Delay(TimeSpan.FromSeconds(options.Seconds));
        var mark = await generator.AskAsync("mark");
        var cpu = scene.Gateway.Usage.CpuSeconds() - cpuBefore;
        var records = Scene.Count(mark, "acknowledged") - before;
        return new Figures(cpu * 1_000_000 / Math.Max(1, records), records / options.Seconds, scene.Gateway.Usage.PeakMemoryMiB(), Scene.Count(mark, "refused"));
    }

    /// <summary>As a restart finds them: signed messages on the disk. They are of the tenant that sends, and of services that it has not.</summary>
    private static void OpenIncidents(ControlPlane plane, string dataPath, int count)
    {
        var key = plane.Identities.Key(KnownServices.IncidentService);
        var now = TimeProvider.System.GetUtcNow();
        var messages = Enumerable.Range(0, count).Select(i => Convert.ToBase64String(Dsse.Sign(
            IncidentMessage.PayloadType,
            JsonSerializer.SerializeToUtf8Bytes(
                new IncidentMessage(string.Create(CultureInfo.InvariantCulture, $"inc-{i}"), 1, false, plane.Tenants[0], [$"elsewhere-{i}"], 1, now, now.AddHours(1)),
                ContractsJson.Default.IncidentMessage),
            key,
            withKeyId: true)));
        File.WriteAllBytes(Path.Combine(dataPath, "incidents.json"), JsonSerializer.SerializeToUtf8Bytes(messages.ToArray()));
    }

    private sealed record Row(string Dimension, int Value)
    {
        public string Name => Value == 0 ? Dimension : string.Create(CultureInfo.InvariantCulture, $"{Dimension}={Value}");
    }

    private readonly record struct Figures(double Cost, double Rate, double MiB, long Refused);
}
