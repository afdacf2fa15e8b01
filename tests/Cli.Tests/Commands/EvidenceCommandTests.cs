using System.Text.Json;
using StellaOps.Telemetry.Cli.Tests.TestServices;

namespace StellaOps.Telemetry.Cli.Tests.Commands;

public sealed class EvidenceCommandTests
{
    [Fact]
    public async Task Verify_GoodBundle_IsDone()
    {
        using var bundle = await TestBundle.CreateAsync();
        var cli = new CliRun();

        var code = await cli.RunAsync("telemetry", "verify", bundle.Archive, "--key", bundle.KeyFile, "--output", "json");

        using var report = JsonDocument.Parse(cli.Out);
        Assert.Equal(0, code);
        Assert.True(report.RootElement.GetProperty("ok").GetBoolean());
        Assert.Equal(TestBundle.Spans, report.RootElement.GetProperty("records").GetProperty("traces").GetInt64());
        Assert.Equal("", cli.Error);
    }

    [Theory]
    [InlineData("acme.tar.zst")]
    [InlineData("acme.provenance.json")]
    [InlineData("acme.sigstore.json")]
    [InlineData("acme.tar.zst.sig")]
    public async Task Verify_OneByteChanged_FailsWithThree(string file)
    {
        using var bundle = await TestBundle.CreateAsync();
        var bytes = await File.ReadAllBytesAsync(Path.Combine(bundle.Folder, file));
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(Path.Combine(bundle.Folder, file), bytes);
        var cli = new CliRun();

        Assert.Equal(3, await cli.RunAsync("telemetry", "verify", bundle.Archive, "--key", bundle.KeyFile));
        Assert.Contains("FAILED", cli.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_WithoutKey_IsWrongUsage()
    {
        using var bundle = await TestBundle.CreateAsync();
        var cli = new CliRun();

        Assert.Equal(2, await cli.RunAsync("telemetry", "verify", bundle.Archive));
        Assert.Contains("--key", cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replay_ReceiverBusyTwice_SendsTheSameMarkAgainAndProvesTheCounts()
    {
        using var bundle = await TestBundle.CreateAsync();
        await using var receiver = await OtlpReceiver.StartAsync();
        receiver.Refusals.Enqueue(503);
        receiver.Refusals.Enqueue(429);
        var cli = new CliRun { Environment = { ["STELLA_TOKEN"] = "a-token" } };

        var code = await cli.RunAsync("telemetry", "replay", bundle.Archive, "--key", bundle.KeyFile, "--to", receiver.Url, "--output", "json");

        using var report = JsonDocument.Parse(cli.Out);
        var traces = report.RootElement.GetProperty("signals")[0];
        Assert.Equal(0, code);
        Assert.Equal((3, 3, 3), (traces.GetProperty("manifest").GetInt32(), traces.GetProperty("sent").GetInt32(), traces.GetProperty("accepted").GetInt32()));
        Assert.Equal(3, receiver.Requests.Count);
        var request = Assert.Single(receiver.Requests.Distinct());
        Assert.Equal(("/v1/traces", $"{report.RootElement.GetProperty("replayId").GetString()}/0", "Bearer a-token", 3), request);
    }

    [Fact]
    public async Task Replay_RecordsRejected_FailsWithThree()
    {
        using var bundle = await TestBundle.CreateAsync();
        await using var receiver = await OtlpReceiver.StartAsync();
        receiver.Rejected = 1;
        var cli = new CliRun { Environment = { ["STELLA_TOKEN"] = "a-token" } };

        Assert.Equal(3, await cli.RunAsync("telemetry", "replay", bundle.Archive, "--key", bundle.KeyFile, "--to", receiver.Url));
        Assert.Contains("1 of 3 records rejected: no", cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replay_TokenRefused_IsNotAllowed()
    {
        using var bundle = await TestBundle.CreateAsync();
        await using var receiver = await OtlpReceiver.StartAsync();
        receiver.Refusals.Enqueue(403);
        var cli = new CliRun { Environment = { ["STELLA_TOKEN"] = "a-token" } };

        Assert.Equal(4, await cli.RunAsync("telemetry", "replay", bundle.Archive, "--key", bundle.KeyFile, "--to", receiver.Url));
    }

    [Fact]
    public async Task Replay_TamperedBundle_SendsNothing()
    {
        using var bundle = await TestBundle.CreateAsync();
        await using var receiver = await OtlpReceiver.StartAsync();
        await File.AppendAllTextAsync(Path.Combine(bundle.Folder, "acme.provenance.json"), " ");
        var cli = new CliRun { Environment = { ["STELLA_TOKEN"] = "a-token" } };

        Assert.Equal(3, await cli.RunAsync("telemetry", "replay", bundle.Archive, "--key", bundle.KeyFile, "--to", receiver.Url));
        Assert.Empty(receiver.Requests);
    }

    [Fact]
    public async Task Replay_DryRun_CountsAndSendsNothing()
    {
        using var bundle = await TestBundle.CreateAsync();
        await using var receiver = await OtlpReceiver.StartAsync();
        var cli = new CliRun();

        Assert.Equal(0, await cli.RunAsync("telemetry", "replay", bundle.Archive, "--key", bundle.KeyFile, "--to", receiver.Url, "--dry-run"));
        Assert.Empty(receiver.Requests);
    }
}
