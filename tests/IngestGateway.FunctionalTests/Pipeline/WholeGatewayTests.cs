using Grpc.Core;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;
using StellaOps.Telemetry.Tests.Shared.Hosting;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.Pipeline;

/// <summary>Edge and log together, as they run.</summary>
public sealed class WholeGatewayTests
{
    private const string Profile = """
        apiVersion: telemetry.stella-ops.org/v1
        kind: Profile
        metadata: { name: whole }
        spec:
          environment: development
          redaction: baseline
          durability: fsync
          recorder: { max_bytes: 16MiB, file_bytes: 4MiB }
          sampling: { decision_wait: 1s, policies: [{ name: all, type: always_sample }] }
          exporters: [{ name: archive, type: archive, max_segment_age: 1s }]
        """;

    [Fact]
    public async Task Gateway_AcceptedRecords_AreInLedgerAndArchiveAndSurviveARestart()
    {
        await using var gateway = new GatewayUnderTest { IsWhole = true };
        gateway.Profiles.Tenant("acme");
        await gateway.Profiles.StartAsync();
        await gateway.StartAsync(profile: Profile);
        await gateway.ReadyAsync();
        await SendAsync(gateway, 20);
        Assert.Equal(21, (await StatusAsync(gateway)).NextSequence);

        await gateway.StopAsync();
        await gateway.StartAsync(profile: Profile);
        await gateway.ReadyAsync();
        await SendAsync(gateway, 5);

        Assert.Equal(26, (await StatusAsync(gateway)).NextSequence);
        await Eventually.HoldsAsync(
            async () =>
            {
                var rows = (await LedgerAsync(gateway)).Rows;
                return rows.Sum(r => r.Accepted) == 50 && rows.Sum(r => r.Kept) == 50 && rows.Sum(r => r.Undecided) == 0;
            },
            TimeSpan.FromSeconds(15),
            "all 50 records are accepted and kept in the ledger");
        await Eventually.HoldsAsync(
            () => Directory.Exists(gateway.ArchivePath) && Directory.EnumerateFiles(gateway.ArchivePath, "*.otlp.zst", SearchOption.AllDirectories).Any(),
            TimeSpan.FromSeconds(15),
            "a segment is in the archive");
    }

    private static async Task SendAsync(GatewayUnderTest gateway, int requests)
    {
        using var sender = gateway.Grpc(gateway.Writer("acme"));
        for (var i = 0; i < requests; i++)
        {
            try
            {
                await sender.ExportAsync(Signal.Traces, OtlpBytes.Request(Signal.Traces, 2));
            }
            catch (RpcException e)
            {
                Assert.Fail($"request {i}: {e.Status}");
            }
        }
    }

    private static async Task<GatewayStatusResponse> StatusAsync(GatewayUnderTest gateway)
    {
        using var client = gateway.Api(gateway.Issuer.Mint("reader", "acme", KnownScopes.TelemetryRead));
        return await (await client.GetAsync("/api/v1/gateways/self")).ReadAsync<GatewayStatusResponse>();
    }

    private static async Task<LedgerResponse> LedgerAsync(GatewayUnderTest gateway)
    {
        using var client = gateway.Api(gateway.Issuer.Mint("reader", "acme", KnownScopes.TelemetryRead));
        return await (await client.GetAsync("/api/v1/gateways/self/ledger")).ReadAsync<LedgerResponse>();
    }
}
