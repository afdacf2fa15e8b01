using System.Text.Json;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Tests.Shared;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.EndToEnd.Tests;

/// <summary>A captured bundle goes back into a running stack by the command line, as it would in a sealed room.</summary>
[Collection(nameof(SharedStackCollection))]
public sealed class ReplayTests(SharedStack shared, EvidenceBundle evidence) : IClassFixture<EvidenceBundle>
{
    private const int Kills = 4;
    private const int NotAllowed = 4;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Replay_KilledAgainAndAgain_ArrivesOnceAndIsCapturedToTheSameHash()
    {
        var stack = shared.Stack;
        var bundle = evidence.Copy();
        var tenant = SharedStack.NewTenantName("sealed");
        await stack.AddReplayTargetAsync(tenant);
        var from = TimeProvider.System.GetUtcNow();
        var stateFile = Path.Combine(bundle.Folder, bundle.Name + ".replay.json");
        var ids = new HashSet<string>();
        var acknowledged = 0L;
        for (var i = 0; i < Kills; i++)
        {
            using var process = stack.Stella.StartTelemetry([.. Command(bundle, tenant), "--rate", "40"]);
            await Eventually.HoldsAsync(() => process.HasExited || ReadState(stateFile).Acknowledged > acknowledged, TimeSpan.FromSeconds(30), "a batch is acknowledged");
            Assert.False(process.HasExited);
            process.Kill();
            await process.WaitForExitAsync(Token);
            (var id, acknowledged) = ReadState(stateFile);
            ids.Add(id);
        }

        var report = await stack.Stella.TelemetryJsonAsync(Command(bundle, tenant));

        Assert.Equal(report.GetProperty("replayId").GetString(), Assert.Single(ids));
        Assert.True(report.GetProperty("wasResumed").GetBoolean());
        Assert.Equal("gateway", report.GetProperty("proof").GetProperty("by").GetString());
        Assert.Equal(bundle.Records, report.GetProperty("signals").EnumerateArray().ToDictionary(s => s.GetProperty("signal").GetString()!, s => s.GetProperty("gateway").GetInt64()));
        await AssertLedgerAsync(bundle, tenant);
        var again = await stack.CaptureAsync(tenant, from, TimeProvider.System.GetUtcNow(), Directory.CreateDirectory(Path.Combine(bundle.Folder, "again")).FullName);
        Assert.Equal(bundle.Records, again.Records);
        Assert.Equal(bundle.ArchiveHash, again.ArchiveHash);
        using var provenance = JsonDocument.Parse(await File.ReadAllBytesAsync(again.Provenance, Token));
        Assert.Equal(ids.Order(StringComparer.Ordinal), provenance.RootElement.GetProperty("replays").EnumerateArray().Select(r => r.GetString()!));
    }

    [Fact]
    public async Task Replay_IntoALiveTenant_IsNotAllowedAndNothingArrives()
    {
        var bundle = evidence.Copy();
        var tenant = await shared.Stack.AddTenantAsync(SharedStack.NewTenantName("live"));
        await tenant.WaitUntilAcceptedAsync(Token);

        var refused = await shared.Stack.Stella.TelemetryAsync(Command(bundle, tenant.Name));

        Assert.Equal(NotAllowed, refused.ExitCode);
        Assert.Contains("--replay-target", refused.Error, StringComparison.Ordinal);
        Assert.Empty((await shared.Stack.Gateway.GetLedgerAsync(TenantId.Parse(tenant.Name), null, null, Token)).Rows);
    }

    [Fact]
    public async Task OwnScript_VerifiesAndReplays()
    {
        var stack = shared.Stack;
        var bundle = evidence.Copy();
        var tenant = SharedStack.NewTenantName("scripted");
        await stack.AddReplayTargetAsync(tenant);
        var stella = Path.Combine(bundle.Folder, "stella");
        await File.WriteAllTextAsync(stella, $"#!/bin/sh\nexec dotnet '{BuiltProgram.Find("Cli")}' \"$@\"\n", Token);
        File.SetUnixFileMode(stella, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        var script = await ExternalTool.RunAsync(
            "sh",
            [Path.Combine(bundle.Folder, "replay.sh"), bundle.Archives[0], stack.EvidenceKey, stack.HttpUrl.ToString(), "--tenant", tenant, "--gateway-url", stack.Url(KnownServices.IngestGateway, "http").ToString()],
            environment: new Dictionary<string, string> { ["STELLA"] = stella, ["STELLA_STATE"] = stack.StateDirectory });

        Assert.True(script.ExitCode == 0, script.Output + script.Error);
        await AssertLedgerAsync(bundle, tenant);
    }

    /// <summary>It follows the log a moment later; above it stays above.</summary>
    private async Task AssertLedgerAsync(CapturedBundle bundle, string tenant)
    {
        Dictionary<string, long> accepted = [];
        await Eventually.HoldsAsync(
            async () =>
            {
                var ledger = await shared.Stack.Gateway.GetLedgerAsync(TenantId.Parse(tenant), null, null, Token);
                accepted = ledger.Rows.GroupBy(r => r.Signal.ToName()).ToDictionary(g => g.Key, g => g.Sum(r => r.Accepted));
                return accepted.Values.Sum() >= bundle.Records.Values.Sum();
            },
            TimeSpan.FromSeconds(10),
            "the ledger counts all of it");
        Assert.Equal(bundle.Records, accepted);
    }

    private string[] Command(CapturedBundle bundle, string tenant) =>
    [
        "replay", bundle.Archives[0], "--key", shared.Stack.EvidenceKey, "--tenant", tenant,
        "--to", shared.Stack.HttpUrl.ToString(), "--gateway-url", shared.Stack.Url(KnownServices.IngestGateway, "http").ToString(),
    ];

    /// <summary>It is replaced whole, so it can be read at any time.</summary>
    private static (string ReplayId, long Acknowledged) ReadState(string path)
    {
        if (!File.Exists(path))
        {
            return ("", 0);
        }

        using var state = JsonDocument.Parse(File.ReadAllBytes(path));
        return (state.RootElement.GetProperty("replayId").GetString()!, state.RootElement.GetProperty("acknowledged").GetInt64());
    }
}
