using StellaOps.Telemetry.Cli.Tests.TestServices;

namespace StellaOps.Telemetry.Cli.Tests.Commands;

public sealed class UsageTests
{
    [Theory]
    [InlineData("telemetry", "tenant", "add", "Not_A_Tenant")]
    [InlineData("telemetry", "tenant", "list", "--output", "xml")]
    [InlineData("telemetry", "incident", "start", "--tenant", "acme")]
    [InlineData("telemetry", "incident", "start", "--tenant", "acme", "--reason", "x", "--ttl", "soon")]
    [InlineData("telemetry", "incident", "start", "--tenant", "acme", "--reason", "x", "--sampling-rate", "2")]
    [InlineData("telemetry", "incident", "start", "--tenant", "acme", "--reason", "x", "--capture", "sometimes")]
    [InlineData("telemetry", "incident", "start", "--tenant", "acme", "--reason", "x", "--match", "route")]
    [InlineData("telemetry", "hold", "add", "--tenant", "acme", "--from", "-15m")]
    [InlineData("telemetry", "capture", "--tenant", "acme", "--from", "yesterday")]
    [InlineData("telemetry", "capture", "--tenant", "acme", "--from", "2026-03-01T12:00:00")]
    [InlineData("telemetry", "capture", "--tenant", "acme", "--from", "now", "--to", "-5m")]
    [InlineData("telemetry", "token", "--role", "emperor")]
    [InlineData("telemetry", "token", "--scope", "telemetry:write")]
    [InlineData("telemetry", "no-such-command")]
    public async Task WrongUsage_IsTwoAndSaysHowToMendIt(params string[] args)
    {
        var cli = new CliRun();

        Assert.Equal(2, await cli.RunAsync(args));
        Assert.StartsWith("error: ", cli.Error, StringComparison.Ordinal);
        Assert.Equal("", cli.Out);
    }

    [Fact]
    public async Task NoAddressKnown_IsUnreachable()
    {
        var cli = new CliRun { Environment = { ["STELLA_STATE"] = Path.Combine(Path.GetTempPath(), "no-such-state") } };

        Assert.Equal(5, await cli.RunAsync("telemetry", "tenant", "list"));
        Assert.Contains("no address of profile-service is known", cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NobodyListens_IsUnreachable()
    {
        var cli = new CliRun { Environment = { ["STELLA_TOKEN"] = "x" } };

        Assert.Equal(5, await cli.RunAsync("telemetry", "tenant", "list", "--url", "http://127.0.0.1:1"));
    }

    [Fact]
    public async Task NoToken_IsNotAllowed()
    {
        var cli = new CliRun { Environment = { ["STELLA_STATE"] = Path.Combine(Path.GetTempPath(), "no-such-state") } };

        Assert.Equal(4, await cli.RunAsync("telemetry", "tenant", "list", "--url", "http://127.0.0.1:1"));
        Assert.Contains("STELLA_TOKEN", cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_ShowsExamples()
    {
        var cli = new CliRun();

        Assert.Equal(0, await cli.RunAsync("telemetry", "capture", "--help"));
        Assert.Contains("Examples:", cli.Out, StringComparison.Ordinal);
        Assert.Contains("stella telemetry capture --tenant acme --from -15m", cli.Out, StringComparison.Ordinal);
    }
}
