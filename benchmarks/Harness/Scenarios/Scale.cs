using System.Globalization;
using System.Text.Json;
using StellaOps.Telemetry.Benchmarks.Harness.Pipelines;
using StellaOps.Telemetry.Benchmarks.Harness.Stack;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.Benchmarks.Harness.Scenarios;

/// <summary>What a million spans cost by the number of tenants, of open incidents, of policies that keep nothing, and by load.</summary>
internal static class Scale
{
    private static readonly (string Dimension, double[] Values)[] s_dimensions =
    [
        ("tenants", [1, 10, 100, 1000]),
        ("incidents", [0, 100, 1000]),
        ("policies", [0, 100]),
        ("rate", [10_000, 25_000, 50_000, 0]),
    ];

    public static async Task<int> RunAsync(ScenarioOptions options)
    {
        Console.Out.WriteLine($"{"",-10} {"",8} {"CPU-s/M",8} {"records/s",10} {"MiB",6} {"refused",8}");
        foreach (var (dimension, values) in s_dimensions.Where(d => options.Only is null || options.Only == d.Dimension))
        {
            foreach (var value in values)
            {
                Console.Out.WriteLine(await MeasureAsync(options, dimension, value));
            }
        }

        return 0;
    }

    private static async Task<string> MeasureAsync(ScenarioOptions options, string dimension, double value)
    {
        int Of(string name, int otherwise) => dimension == name ? (int)value : otherwise;
        var setup = new SceneSetup { Tenants = Of("tenants", 1), IdlePolicies = Of("policies", 0) };
        await using var scene = await Scene.StartAsync(options, setup, (plane, data) => OpenIncidents(plane, data, Of("incidents", 0)));
        await using var generator = await scene.LoadAsync(new Pipeline("scale", options.Pipeline) { Rate = Of("rate", 0) });
        await Task.Delay(TimeSpan.FromSeconds(Bench.WarmUpSeconds));
        var (before, cpuBefore) = (Scene.Count(await generator.AskAsync("mark"), "acknowledged"), scene.Gateway.Usage.CpuSeconds());
        await Task.Delay(TimeSpan.FromSeconds(options.Seconds));
        var mark = await generator.AskAsync("mark");
        var cpu = scene.Gateway.Usage.CpuSeconds() - cpuBefore;
        var records = Scene.Count(mark, "acknowledged") - before;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{dimension,-10} {(dimension == "rate" && value == 0 ? "all" : value),8} {cpu * 1_000_000 / Math.Max(1, records),8:0.00} {records / options.Seconds,10:0} {scene.Gateway.Usage.PeakMemoryMiB(),6:0} {Scene.Count(mark, "refused"),8}");
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
}
