using System.Text;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;
using StellaOps.Telemetry.Tests.Shared.Hosting;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.Configuration;

/// <summary>A profile that changes while the gateway runs.</summary>
public sealed class LiveProfileTests
{
    private const string Open = """
        apiVersion: telemetry.stella-ops.org/v1
        kind: Profile
        metadata: { name: live }
        spec:
          environment: development
          redaction: none
          durability: write
          recorder: { max_bytes: 16MiB, file_bytes: 4MiB }
          sampling: { decision_wait: 5m, policies: [{ name: errors, type: status_code, status_code: { status_codes: [ERROR] } }] }
          exporters: [{ name: archive, type: archive, max_segment_age: 1s }]
        """;

    [Fact]
    public async Task Profile_RedactionSwitchedOn_TreatsTheNextRequestOfTheSameConnection()
    {
        await using var gateway = await GatewayUnderTest.StartNewAsync();
        using var sender = gateway.Grpc(gateway.Writer("acme"));
        var request = OtlpBytes.Message(OtlpBytes.Request(Signal.Logs), OtlpBytes.Field(1, OtlpBytes.Field(1, OtlpBytes.Attribute(1, "note", "ada@example.org"))));
        await sender.ExportAsync(Signal.Logs, request);
        var before = await StatusAsync(gateway);

        await File.WriteAllTextAsync(gateway.ProfilePath, TestProfiles.Redacting, TestContext.Current.CancellationToken);
        await StatusIsAsync(gateway, s => s.ProfileHash != before.ProfileHash && s.RedactionPolicy == "baseline", "the new profile is in force");
        await sender.ExportAsync(Signal.Logs, request);

        var logged = gateway.Log.Batches.ToList();
        Assert.Equal([before.ProfileHash, (await StatusAsync(gateway)).ProfileHash], logged.Select(b => b.ProfileHash));
        Assert.Contains("ada@example.org", Encoding.UTF8.GetString(logged[0].Payload), StringComparison.Ordinal);
        Assert.DoesNotContain("ada@example.org", Encoding.UTF8.GetString(logged[1].Payload), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Profile_BadOne_IsRefusedWithTheReasonAndTheOldStaysUntilAGoodOneComes()
    {
        await using var gateway = await GatewayUnderTest.StartNewAsync();
        using var sender = gateway.Grpc(gateway.Writer("acme"));
        var before = await StatusAsync(gateway);

        var bad = TestProfiles.Small.Replace("max_records: 500", "max_records: many", StringComparison.Ordinal);
        await File.WriteAllTextAsync(gateway.ProfilePath, bad, TestContext.Current.CancellationToken);
        await StatusIsAsync(gateway, s => s.ProfileFaults.Any(f => f.Contains("max_records", StringComparison.Ordinal) && f.Contains("many", StringComparison.Ordinal)), "the fault is told");
        Assert.Equal(before.ProfileHash, (await StatusAsync(gateway)).ProfileHash);
        await gateway.MetricIsAsync(1, "telemetry_profile_refused");
        await sender.ExportAsync(Signal.Logs, OtlpBytes.Request(Signal.Logs));

        await File.WriteAllTextAsync(gateway.ProfilePath, TestProfiles.Small, TestContext.Current.CancellationToken);
        await StatusIsAsync(gateway, s => s.ProfileFaults.Count == 0 && s.ProfileHash == before.ProfileHash, "the fault is forgotten");
    }

    [Fact]
    public async Task Profile_ListenerMoves_IsRefusedSinceOnlyARestartCanMoveIt()
    {
        await using var gateway = new GatewayUnderTest { IsListeningByProfile = true };
        gateway.Profiles.Tenant("acme");
        await gateway.Profiles.StartAsync();
        await gateway.StartAsync(profile: At(FreePort.Next(), FreePort.Next()));
        await gateway.ReadyAsync();
        var before = await StatusAsync(gateway);

        await File.WriteAllTextAsync(gateway.ProfilePath, At(FreePort.Next(), FreePort.Next()), TestContext.Current.CancellationToken);

        await StatusIsAsync(gateway, s => s.ProfileFaults.Any(f => f.Contains("restart", StringComparison.Ordinal)), "the fault is told");
        Assert.Equal(before.ProfileHash, (await StatusAsync(gateway)).ProfileHash);
    }

    [Fact]
    public async Task Profile_OtherPoliciesAndExporters_DecideWhatWaitsAndLoseNothing()
    {
        await using var gateway = new GatewayUnderTest { IsWhole = true };
        gateway.Profiles.Tenant("acme");
        await gateway.Profiles.StartAsync();
        await gateway.StartAsync(profile: Open);
        await gateway.ReadyAsync();
        using var sender = gateway.Grpc(gateway.Writer("acme"));
        await sender.ExportAsync(Signal.Traces, OtlpBytes.Request(Signal.Traces, 3));
        await StatusIsAsync(gateway, s => s.UndecidedRecords == 3, "three spans wait for their decision");

        var next = Open
            .Replace("decision_wait: 5m, policies: [{ name: errors, type: status_code, status_code: { status_codes: [ERROR] } }]", "decision_wait: 1s, policies: [{ name: all, type: always_sample }]", StringComparison.Ordinal)
            .Replace("max_segment_age: 1s }", "max_segment_age: 2s }, { name: store, type: otlp, endpoint: 'http://127.0.0.1:9' }", StringComparison.Ordinal)
            .Replace("durability: write", "durability: fsync", StringComparison.Ordinal);
        await File.WriteAllTextAsync(gateway.ProfilePath, next, TestContext.Current.CancellationToken);
        await StatusIsAsync(gateway, s => s.Durability == "fsync" && s.UndecidedRecords == 0, "what waited is decided by the new policies");
        await sender.ExportAsync(Signal.Traces, OtlpBytes.Request(Signal.Traces, 2, padding: 20));

        await StatusIsAsync(gateway, s => Pending(s, "archive") == 0 && Pending(s, "store") == 5, "the archive has everything, and what was decided since waits for the store that is not there");
        using var client = gateway.Api(gateway.Issuer.Mint("reader", "acme", KnownScopes.TelemetryRead));
        var rows = (await (await client.GetAsync("/api/v1/gateways/self/ledger", TestContext.Current.CancellationToken)).ReadAsync<LedgerResponse>()).Rows;
        Assert.Equal((5, 5, 0, 0), (rows.Sum(r => r.Accepted), rows.Sum(r => r.Kept), rows.Sum(r => r.SampledOut), rows.Sum(r => r.Undecided)));

        var fewer = next.Replace("{ name: archive, type: archive, max_segment_age: 2s }, ", "", StringComparison.Ordinal);
        await File.WriteAllTextAsync(gateway.ProfilePath, fewer, TestContext.Current.CancellationToken);
        await StatusIsAsync(gateway, s => s.Exporters.Count == 1 && Pending(s, "store") == 5, "one exporter is gone, the other where it was");
    }

    [Fact]
    public async Task Profile_ParentOrOverlayChanges_IsFollowedAndItsFaultsAreTold()
    {
        await using var gateway = new GatewayUnderTest { More = { [KnownEnvironment.ProfileOverlay] = "lab" } };
        var folder = Path.GetDirectoryName(gateway.ProfilePath)!;
        var overlay = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "overlays", "lab")).FullName, "child.yaml");
        await File.WriteAllTextAsync(Path.Combine(folder, "test.yaml"), TestProfiles.Small, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(overlay, Overlay("redaction: baseline"), TestContext.Current.CancellationToken);
        await gateway.StartKnownAsync(null, Child);
        var first = await StatusAsync(gateway);
        Assert.Equal(("child", "baseline", "write"), (first.Profile, first.RedactionPolicy, first.Durability));

        await File.WriteAllTextAsync(Path.Combine(folder, "test.yaml"), TestProfiles.Small.Replace("durability: write", "durability: fsync", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        await StatusIsAsync(gateway, s => s.Durability == "fsync", "the parent's change is in force");

        await File.WriteAllTextAsync(overlay, Overlay("redaction: nowhere"), TestContext.Current.CancellationToken);
        await StatusIsAsync(gateway, s => s.ProfileFaults.Any(f => f.StartsWith(overlay + ":4:20: spec.redaction: there is no redaction/nowhere.yaml", StringComparison.Ordinal)), "the overlay's fault is told");

        await File.WriteAllTextAsync(overlay, Overlay("redaction: none"), TestContext.Current.CancellationToken);
        await StatusIsAsync(gateway, s => s.ProfileFaults.Count == 0 && s.RedactionPolicy == "none" && s.Durability == "fsync", "the overlay's change is in force");
    }

    private const string Child = """
        apiVersion: telemetry.stella-ops.org/v1
        kind: Profile
        metadata: { name: child }
        extends: test
        """;

    private static string Overlay(string change) => $$"""
        apiVersion: telemetry.stella-ops.org/v1
        kind: ProfileOverlay
        metadata: { name: child }
        spec: { {{change}} }
        """;

    private static long? Pending(GatewayStatusResponse status, string exporter) => status.Exporters.SingleOrDefault(e => e.Name == exporter)?.PendingRecords;

    private static string At(int grpc, int http) => TestProfiles.Small.Replace(
        "ingest: {", $"ingest: {{ listeners: {{ grpc: 'http://127.0.0.1:{grpc}', http: 'http://127.0.0.1:{http}' }},", StringComparison.Ordinal);

    private static async Task StatusIsAsync(GatewayUnderTest gateway, Func<GatewayStatusResponse, bool> holds, string what) =>
        await Eventually.HoldsAsync(async () => holds(await StatusAsync(gateway)), TimeSpan.FromSeconds(10), what);

    private static async Task<GatewayStatusResponse> StatusAsync(GatewayUnderTest gateway)
    {
        using var client = gateway.Api(gateway.Issuer.Mint("reader", "acme", KnownScopes.TelemetryRead));
        return await (await client.GetAsync("/api/v1/gateways/self")).ReadAsync<GatewayStatusResponse>();
    }
}
