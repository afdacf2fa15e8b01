using OpenTelemetry.Exporter;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Tests.Shared.Dashboards;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.EndToEnd.Tests;

/// <summary>Whatever dashboards and alerts name, and whatever is promised, is really scraped from a stack that did its work.</summary>
public sealed class MetricsTests
{
    /// <summary>The published metrics, each with the labels that it carries.</summary>
    private static readonly (string Process, string Name, string[] Labels)[] s_published =
    [
        (KnownServices.IncidentService, "telemetry_incident_mode", ["tenant", "service"]),
        (KnownServices.IngestGateway, "telemetry_incident_mode", ["tenant", "service"]),
        (KnownServices.IngestGateway, "telemetry_ingest_records_total", ["signal", "tenant", "outcome"]),
        (KnownServices.IngestGateway, "telemetry_ingest_bytes_total", ["signal", "tenant"]),
        (KnownServices.IngestGateway, "telemetry_ingest_violations_total", ["reason"]),
        (KnownServices.IngestGateway, "telemetry_redactions_total", ["rule"]),
        (KnownServices.IngestGateway, "telemetry_sampling_decisions_total", ["policy", "decision"]),
        (KnownServices.IngestGateway, "telemetry_sampling_buffer_traces", []),
        (KnownServices.IngestGateway, "telemetry_recorder_span_seconds", []),
        (KnownServices.IngestGateway, "telemetry_queue_records", ["exporter"]),
        (KnownServices.IngestGateway, "telemetry_queue_oldest_seconds", ["exporter"]),
        (KnownServices.IngestGateway, "collector_export_failures_total", ["exporter", "reason"]),
        (KnownServices.IngestGateway, "telemetry_export_records_total", ["exporter", "outcome"]),
        (KnownServices.IngestGateway, "telemetry_archive_bytes_total", ["tenant", "signal", "tier"]),
        (KnownServices.IngestGateway, "telemetry_profile_info", ["profile", "version", "hash"]),
        (KnownServices.IngestGateway, "telemetry_log_bytes", []),
        (KnownServices.IngestGateway, "telemetry_deadletter_records", ["exporter"]),
        (KnownServices.CaptureWorker, "telemetry_captures_total", ["outcome"]),
        (KnownServices.CaptureWorker, "telemetry_capture_duration_seconds_count", []),
    ];

    [Fact]
    public async Task Scrape_AfterTrafficIncidentCaptureAndAFailedExport_HasEveryMetricThatIsNamed()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var process = await StackProcess.StartAsync();
        using var stack = await RunningStack.OpenAsync(process.StateDirectory);
        var tenant = await stack.AddTenantAsync("acme");
        await tenant.WaitUntilAcceptedAsync(cancellationToken);
        using var workload = tenant.StartWorkload("shop", OtlpExportProtocol.Grpc);
        using var client = new HttpClient();
        await stack.Stella.TelemetryJsonAsync("incident", "start", "--tenant", tenant.Name, "--reason", "to be measured");
        await tenant.PostAsync(client, "traces", [0xFF], "application/x-protobuf", cancellationToken);
        var from = TimeProvider.System.GetUtcNow();
        workload.Serve(50, errorEvery: 5);
        workload.FlushAll();
        var bundle = Directory.CreateTempSubdirectory("stella-measured-");
        try
        {
            await stack.CaptureAsync(tenant.Name, from, TimeProvider.System.GetUtcNow(), bundle.FullName);
        }
        finally
        {
            bundle.Delete(recursive: true);
        }

        await FailAndHealArchiveAsync(stack, () =>
        {
            workload.Serve(10, errorEvery: 0);
            workload.FlushAll();
        });

        string[] processes = [KnownServices.IngestGateway, KnownServices.IncidentService, KnownServices.CaptureWorker, KnownServices.ProfileService];
        var scrapes = new Dictionary<string, MetricsScrape>();
        foreach (var name in processes)
        {
            scrapes[name] = await MetricsScrape.ReadAsync(stack.Url(name, "http"), cancellationToken);
        }

        Assert.All(scrapes, s => Assert.NotEmpty(s.Value.Samples));
        var scraped = scrapes.Values.SelectMany(s => s.Samples).Select(s => s.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var file in (string[])["stack.json", "stack.rules.yaml"])
        {
            var named = DashboardMetrics.NamedIn(file);
            Assert.NotEmpty(named);
            Assert.Empty(named.Except(scraped));
        }

        var faults = s_published.Where(p => !scrapes[p.Process].Samples.Any(s => s.Name == p.Name && p.Labels.All(s.Labels.ContainsKey))).Select(p => $"{p.Name} of {p.Process}").ToList();
        Assert.Empty(faults);
        var gateway = scrapes[KnownServices.IngestGateway];
        Assert.Equal(1, gateway.Sum("telemetry_incident_mode", ("tenant", tenant.Name), ("service", "*")));
        Assert.Equal(180, gateway.Sum("telemetry_ingest_records_total", ("tenant", tenant.Name), ("signal", "traces"), ("outcome", "accepted")));
        Assert.Equal(1, gateway.Sum("telemetry_ingest_violations_total", ("reason", "malformed")));
        Assert.Equal(60, gateway.Sum("telemetry_sampling_decisions_total", ("policy", "incident"), ("decision", "kept")));
        Assert.Equal(1, scrapes[KnownServices.CaptureWorker].Sum("telemetry_captures_total", ("outcome", "succeeded")));
    }

    /// <summary>A file where the archive's folder was: nothing can be stored until it is put back, and then everything is.</summary>
    private static async Task FailAndHealArchiveAsync(RunningStack stack, Action send)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var archive = Path.Combine(stack.StateDirectory, "archive");
        var gateway = stack.Url(KnownServices.IngestGateway, "http");
        Directory.Move(archive, archive + ".away");
        await File.WriteAllTextAsync(archive, "", cancellationToken);
        try
        {
            send();
            await Eventually.HoldsAsync(
                async () => (await MetricsScrape.ReadAsync(gateway, cancellationToken)).Sum("collector_export_failures_total", ("exporter", "archive")) > 0,
                TimeSpan.FromSeconds(30),
                "a failed export is counted");
        }
        finally
        {
            File.Delete(archive);
            Directory.Move(archive + ".away", archive);
        }

        await Eventually.HoldsAsync(
            async () => (await stack.Gateway.GetSelfAsync(cancellationToken)).Exporters is { Count: > 0 } exporters && exporters.All(e => e.PendingRecords == 0 && e.LastError is null),
            TimeSpan.FromSeconds(60),
            "the archive exporter has caught up");
    }
}
