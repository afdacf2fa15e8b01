using System.Diagnostics;
using System.Globalization;
using StellaOps.Telemetry.Benchmarks.Harness.Reporting;
using StellaOps.Telemetry.Benchmarks.Harness.Stack;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Tests.Shared.Redis;

namespace StellaOps.Telemetry.Benchmarks.Harness.Incidents;

/// <summary>
/// How long an incident takes to be in force: from the answer to its start until the last of many gateways has decided a buffered trace in its
/// scope, which only the incident can have made it do.
/// </summary>
internal static class Toggle
{
    private const double MaxSeconds = 1;
    private const string Service = "checkout";

    // Nothing is kept but for an incident, and nothing is decided while the run lasts.
    private const string Profile =
        """
        apiVersion: telemetry.stella-ops.org/v1
        kind: Profile
        metadata: { name: toggle }
        spec:
          environment: development
          redaction: none
          durability: write
          recorder: { max_age: 15m, max_bytes: 32MiB, file_bytes: 4MiB, tenant_share: 1 }
          sampling:
            decision_wait: 60s
            policies:
              - { name: errors, type: status_code, status_code: { status_codes: [ERROR] } }
          exporters:
            - { name: nothing, type: debug }
        """;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(5);

    public static async Task<int> RunAsync(ToggleOptions options)
    {
        var verdicts = new List<(FormattableString, bool)>();
        foreach (var kind in options.Servers)
        {
            var latencies = await MeasureAsync(options, kind);
            latencies.Sort();
            var (p50, p90, p99, longest) = (At(latencies, 0.5), At(latencies, 0.9), At(latencies, 0.99), latencies[^1]);
            Say($"{kind}, {options.Gateways} gateways, {latencies.Count} toggles: p50 {p50 * 1000:0} ms, p90 {p90 * 1000:0} ms, p99 {p99 * 1000:0} ms, longest {longest * 1000:0} ms");
            verdicts.Add(($"{kind}: p99 below {MaxSeconds:0} s: {p99:0.000} s", p99 < MaxSeconds));
        }

        return Verdict.Print([.. verdicts]);
    }

    private static async Task<List<double>> MeasureAsync(ToggleOptions options, RedisKind kind)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Workspace.Root, "toggle-" + Guid.NewGuid().ToString("N")[..8])).FullName;
        await using var redis = await RedisServer.StartNewAsync(kind);
        await using var plane = await ControlPlane.StartAsync(1);
        await using var service = await IncidentServiceProcess.StartAsync(plane, redis);
        var gateways = new List<ToggledGateway>();
        try
        {
            for (var i = 0; i < options.Gateways; i++)
            {
                var own = Directory.CreateDirectory(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"gateway-{i}"))).FullName;
                gateways.Add(await ToggledGateway.StartAsync(own, Profile, plane, redis, string.Create(CultureInfo.InvariantCulture, $"gateway-{i}")));
            }

            Say($"{kind}: {gateways.Count} gateways run");
            var latencies = new List<double>();
            for (var i = 0; i < options.Toggles; i++)
            {
                latencies.Add(await ToggleOnceAsync(service.Client, gateways, plane));
            }

            return latencies;
        }
        finally
        {
            await Task.WhenAll(gateways.Select(g => g.DisposeAsync().AsTask()));
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<double> ToggleOnceAsync(IncidentClient incidents, List<ToggledGateway> gateways, ControlPlane plane)
    {
        await Task.WhenAll(gateways.Select(g => g.BufferTraceAsync(Service)));
        using var patience = new CancellationTokenSource(s_patience);
        var decided = gateways.Select(g => g.DecidedAsync(s_poll, patience.Token)).ToList();
        var incident = await incidents.StartAsync(new StartIncidentRequest(plane.Tenants[0], [Service], "toggle", Captures: new IncidentCaptures(OnClose: false)), null, patience.Token);
        var answered = Stopwatch.GetTimestamp();
        var last = (await Task.WhenAll(decided)).Max();
        await incidents.StopAsync(incident.Id, new StopIncidentRequest(Now: true), patience.Token);
        await Task.WhenAll(gateways.Select(g => g.QuietAsync(s_poll, patience.Token)));
        return Math.Max(0, Stopwatch.GetElapsedTime(answered, last).TotalSeconds);
    }

    private static double At(List<double> sorted, double quantile) => sorted[Math.Min(sorted.Count - 1, (int)Math.Ceiling(sorted.Count * quantile) - 1)];

    private static void Say(FormattableString text) => Console.Out.WriteLine(FormattableString.Invariant(text));
}
