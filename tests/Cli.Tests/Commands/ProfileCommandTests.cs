using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using StellaOps.Telemetry.Cli.Tests.TestServices;

namespace StellaOps.Telemetry.Cli.Tests.Commands;

public sealed partial class ProfileCommandTests : IDisposable
{
    private static readonly JsonSerializerOptions s_relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ProfileSandbox _sandbox = new();

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public async Task List_Profiles_ShowsInheritanceAndOverlays()
    {
        var cli = _sandbox.Run();

        Assert.Equal(0, await cli.RunAsync("telemetry", "profile", "list", "--output", "json"));

        Assert.Equal(
            """
            [{"name":"base","file":"profiles/base.yaml","description":"For everybody","valid":true,"faults":0,"lineage":["base"],"overlays":[]},{"name":"child","file":"profiles/child.yaml","valid":true,"faults":0,"lineage":["child","base"],"overlays":["prod"]}]
            """,
            Compact(cli.Out));
    }

    [Fact]
    public async Task List_WithOverlay_JudgesWithItWhereThereIsOne()
    {
        _sandbox.Write("overlays/prod/child.yaml", ProfileSandbox.Overlay.Replace("fsync", "never", StringComparison.Ordinal));
        var cli = _sandbox.Run();

        Assert.Equal(0, await cli.RunAsync("telemetry", "profile", "list", "--overlay", "prod"));

        Assert.Equal(
            [
                "PROFILE VALID INHERITS FROM OVERLAYS DESCRIPTION FILE",
                "base yes - - For everybody profiles/base.yaml",
                "child + prod 1 fault base prod - profiles/child.yaml",
            ],
            Rows(cli.Out));
        Assert.Equal("'stella telemetry profile validate' says what is wrong", cli.Error.Trim());
    }

    [Fact]
    public async Task Show_Child_ShowsWhatItComesTo()
    {
        var cli = _sandbox.Run();

        Assert.Equal(0, await cli.RunAsync("telemetry", "profile", "show", "child", "--overlay", "prod"));

        Assert.Equal(
            [
                "profile child",
                "inherits from base",
                "overlay prod",
                "documents profiles/base.yaml, profiles/child.yaml, profiles/overlays/prod/child.yaml, profiles/redaction/plain.yaml",
                "environment development",
                "listeners http://127.0.0.1:4317/, http://127.0.0.1:4318/",
                "redaction plain",
                "durability fsync",
                "recorder 20m, 1GiB, 50% of it per tenant, 4GiB of spill",
                "decision wait 5s",
                "sampling all",
                "exporters none",
                "incident 100% kept, lookback 15m, cooldown 5m, ceiling 1d",
                "multi-tenant no",
                "prometheus 15d, 50GiB",
                "loki 30d",
                "tempo 14d",
                "sealed no",
            ],
            Rows(cli.Out).Where(r => !r.StartsWith("hash ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Show_OverlayChangesTheHash()
    {
        async Task<string> HashOf(params string[] more)
        {
            var cli = _sandbox.Run();
            Assert.Equal(0, await cli.RunAsync(["telemetry", "profile", "show", "child", "--output", "json", .. more]));
            return JsonDocument.Parse(cli.Out).RootElement.GetProperty("hash").GetString()!;
        }

        var alone = await HashOf();

        Assert.Matches("^[0-9a-f]{64}$", alone);
        Assert.Equal(alone, await HashOf());
        Assert.NotEqual(alone, await HashOf("--overlay", "prod"));
    }

    [Fact]
    public async Task Show_FaultyParent_SaysWhereAndEndsWithOne()
    {
        _sandbox.Write("base.yaml", ProfileSandbox.Base.Replace("durability: write", "durability: maybe", StringComparison.Ordinal));
        var cli = _sandbox.Run();

        Assert.Equal(1, await cli.RunAsync("telemetry", "profile", "show", "child"));
        Assert.Equal("", cli.Out);
        Assert.StartsWith("profiles/base.yaml:7:15: spec.durability: 'maybe' is not allowed here; write write", cli.Error, StringComparison.Ordinal);
        Assert.Contains("error: 'profiles/child.yaml' has 1 fault", cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validate_NoArguments_JudgesEveryProfileAloneAndWithEachOverlay()
    {
        var cli = _sandbox.Run();

        Assert.Equal(0, await cli.RunAsync("telemetry", "profile", "validate"));

        Assert.Equal(
            ["PLACE FAULT FIX", "profiles/base.yaml none -", "profiles/child.yaml none -", "profiles/child.yaml + prod none -", "3 valid, 0 not"],
            Rows(cli.Out));
    }

    [Fact]
    public async Task Validate_FaultOfAParent_IsThreeAndShownOnce()
    {
        _sandbox.Write("base.yaml", ProfileSandbox.Base.Replace("durability: write", "durability: maybe", StringComparison.Ordinal));
        var cli = _sandbox.Run();

        Assert.Equal(3, await cli.RunAsync("telemetry", "profile", "validate"));

        Assert.Equal(
            [
                "PLACE FAULT FIX",
                "profiles/base.yaml:7:15 spec.durability: 'maybe' is not allowed here write write (survives the process) or fsync (survives the machine)",
                "0 valid, 3 not",
            ],
            Rows(cli.Out));
    }

    [Fact]
    public async Task Validate_Json_IsThisFault()
    {
        _sandbox.Write("overlays/prod/child.yaml", ProfileSandbox.Overlay.Replace("durability: fsync", "durabilty: fsync", StringComparison.Ordinal));
        var cli = _sandbox.Run();

        Assert.Equal(3, await cli.RunAsync("telemetry", "profile", "validate", "child", "--overlay", "prod", "--output", "json"));

        Assert.Equal(
            """
            [{"file":"profiles/child.yaml","valid":false,"faults":[{"file":"profiles/overlays/prod/child.yaml","line":4,"column":9,"path":"spec.durabilty","problem":"unknown key","fix":"did you mean 'durability'?"}],"overlay":"prod","documents":["profiles/base.yaml","profiles/child.yaml","profiles/overlays/prod/child.yaml","profiles/redaction/plain.yaml"]}]
            """,
            Compact(cli.Out));
    }

    [Fact]
    public async Task Validate_FileElsewhere_RestsOnItsOwnFolder()
    {
        var file = Path.Combine(_sandbox.Folder, "profiles", "My.Copy.yaml");
        File.WriteAllText(file, ProfileSandbox.Child);
        var cli = new CliRun { WorkingDirectory = AppContext.BaseDirectory };

        Assert.Equal(0, await cli.RunAsync("telemetry", "profile", "validate", file));
        Assert.Equal(["PLACE FAULT FIX", $"{file} none -", $"{file} + prod none -", "2 valid, 0 not"], Rows(cli.Out));
    }

    [Theory]
    [InlineData("show", "nobody", "error: there is no profile 'nobody'")]
    [InlineData("validate", "nobody", "error: there is no profile 'nobody'")]
    public async Task UnknownProfile_IsWrongUsage(string command, string profile, string error)
    {
        var cli = _sandbox.Run();

        Assert.Equal(2, await cli.RunAsync("telemetry", "profile", command, profile));
        Assert.StartsWith(error, cli.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("list", "stella telemetry profile list --overlay prod")]
    [InlineData("show", "stella telemetry profile show forensic --overlay prod")]
    [InlineData("validate", "stella telemetry profile validate forensic --overlay prod")]
    public async Task Help_ShowsTheOverlayAndExamples(string command, string example)
    {
        var cli = _sandbox.Run();

        Assert.Equal(0, await cli.RunAsync("telemetry", "profile", command, "--help"));
        Assert.Contains("--overlay <ENV>", cli.Out, StringComparison.Ordinal);
        Assert.Contains(example, cli.Out, StringComparison.Ordinal);
    }

    private static string Compact(string json) => JsonSerializer.Serialize(JsonDocument.Parse(json).RootElement, s_relaxed);

    /// <summary>What stands in the rows, without the blanks that align it.</summary>
    private static IEnumerable<string> Rows(string text) =>
        text.Split('\n').Select(l => Blanks().Replace(l, " ").Trim()).Where(l => l.Length > 0 && l.Any(c => char.IsAsciiLetter(c)));

    [GeneratedRegex(@"[\s│─┼]+")]
    private static partial Regex Blanks();
}
