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
}
