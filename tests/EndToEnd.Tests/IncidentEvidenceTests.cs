using System.Text.Json;
using OpenTelemetry.Exporter;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Captures;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Stack;
using StellaOps.Telemetry.Tests.Shared.Telemetry;

namespace StellaOps.Telemetry.EndToEnd.Tests;

/// <summary>What an incident does by itself for evidence: nobody asks for a capture or a hold here.</summary>
[Collection(nameof(SharedStackCollection))]
public sealed class IncidentEvidenceTests(SharedStack shared, ITestOutputHelper output)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(40);
    private readonly RunningStack _stack = shared.Stack;

    [Fact]
    public async Task Start_CaptureOnOpen_HasWhatSamplingHadDiscardedBefore()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var tenant = await _stack.AddTenantAsync(SharedStack.NewTenantName("lookback"));
        await tenant.WaitUntilAcceptedAsync(cancellationToken);
        using var workload = tenant.StartWorkload("shop", OtlpExportProtocol.Grpc);
        var before = workload.Serve(200, errorEvery: 0);
        workload.FlushAll();
        var verdicts = await tenant.DecisionsAsync(before, cancellationToken);
        var discarded = verdicts.Where(v => !v.Value.IsKept).Select(v => v.Key).ToHashSet(StringComparer.Ordinal);
        Assert.True(discarded.Count > 100, $"sampling discarded {discarded.Count} of {before.Count} traces");

        var incident = await _stack.Stella.TelemetryJsonAsync(
            "incident", "start", "--tenant", tenant.Name, "--reason", "lookback", "--ttl", "1h", "--cooldown", "0s", "--lookback", "10m", "--capture", "open");
        var id = incident.GetProperty("id").GetString()!;
        var captureId = await CaptureOfAsync(id);
        using var http = RunningStack.NewAdminHttp(_stack.Url(KnownServices.CaptureWorker, "http"), _stack.Token);
        var captures = new CaptureClient(http);
        CaptureResponse capture = null!;
        await Eventually.HoldsAsync(
            async () => (capture = await captures.GetAsync(captureId, cancellationToken)).State is CaptureState.Succeeded or CaptureState.Failed, s_patience, "the capture ends");
        Assert.Equal((CaptureState.Succeeded, id), (capture.State, capture.IncidentId));
        Assert.Empty(capture.Gaps);

        var spans = await SpansAsync(captures, capture, cancellationToken);
        Assert.Equal(before.Sum(t => t.Spans), spans.Count);
        var found = spans.Select(s => s.TraceId).ToHashSet(StringComparer.Ordinal);
        Assert.Superset(discarded, found);
        output.WriteLine($"{spans.Count} spans of {found.Count} traces captured, {discarded.Count} of them sampled out before the incident");

        // The hold saves the same from the recorder, and stops growing when the incident ends.
        var hold = await HoldAsync(id, h => h.TryGetProperty("promotedAt", out _), "the hold's window is in the archive");
        Assert.Equal(0, hold.GetProperty("gaps").GetArrayLength());
        Assert.False(hold.TryGetProperty("to", out _));
        await _stack.Stella.TelemetryJsonAsync("incident", "stop", id, "--now");
        await HoldAsync(id, h => h.TryGetProperty("to", out _), "the hold is closed");
    }

    private async Task<string> CaptureOfAsync(string incident)
    {
        string? capture = null;
        await Eventually.HoldsAsync(
            async () => (capture = (await _stack.Stella.TelemetryJsonAsync("incident", "show", incident)).GetProperty("timeline").EnumerateArray()
                .Where(e => e.GetProperty("action").GetString() == "capture-on-open").Select(e => e.GetProperty("detail").GetString()).SingleOrDefault()) is not null,
            s_patience,
            "the capture is asked for");
        return capture!;
    }

    private async Task<JsonElement> HoldAsync(string incident, Func<JsonElement, bool> condition, string what)
    {
        JsonElement hold = default;
        await Eventually.HoldsAsync(
            async () =>
            {
                var holds = (await _stack.Stella.TelemetryJsonAsync("hold", "list", "--incident", incident)).GetProperty("items");
                return holds.GetArrayLength() == 1 && condition(hold = holds[0]);
            },
            s_patience,
            what);
        return hold;
    }

    private static async Task<IReadOnlyList<(string TraceId, string SpanId)>> SpansAsync(CaptureClient captures, CaptureResponse capture, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("stella-lookback-").FullName;
        try
        {
            foreach (var file in capture.Files)
            {
                await using var target = File.Create(Path.Combine(folder, file.Name));
                await captures.DownloadFileAsync(capture.Id, file.Name, target, cancellationToken);
            }

            var archives = Directory.EnumerateFiles(folder, "*.tar.zst").Order(StringComparer.Ordinal).ToList();
            return BundleContent.Spans(new CapturedBundle(folder, capture.BundleName!, archives, capture.ArchiveHash!, capture.Records, capture.Gaps));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
