using System.Text.Json;
using StellaOps.Telemetry.Cli.Tests.TestServices;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.Cli.Tests.Commands;

public sealed class ProfileTestRedactionTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stella-redaction-");
    private readonly CliRun _cli = new() { WorkingDirectory = Repository.Root };

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Sample_SaysWhatWhichRuleMadeOfIt()
    {
        var sample = Write("sample.json", """{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"n","attributes":[{"key":"user","value":{"stringValue":"ada@example.com"}}]}]}]}]}""");

        Assert.Equal(0, await _cli.RunAsync("telemetry", "profile", "test-redaction", "baseline", sample, "--output", "json"));

        var report = JsonDocument.Parse(_cli.Out).RootElement[0];
        Assert.True(report.GetProperty("passed").GetBoolean());
        Assert.Equal(1, report.GetProperty("rules").GetProperty("email").GetInt32());
        var place = report.GetProperty("places")[0];
        Assert.Equal("resourceSpans[0].scopeSpans[0].spans[0].attributes{user}.value.stringValue", place.GetProperty("place").GetString());
        Assert.Equal("ada@example.com", place.GetProperty("before").GetString());
        Assert.Equal("[email]", place.GetProperty("after").GetString());
    }

    [Fact]
    public async Task Cases_OfTheConformanceSuite_Pass()
    {
        Assert.Equal(0, await _cli.RunAsync("telemetry", "profile", "test-redaction", "baseline", "tests/Conformance.Tests/cases/redaction/actions.yaml"));
        Assert.Contains("action-hmac-value", _cli.Out, StringComparison.Ordinal);
        Assert.Contains(" 0 failed", _cli.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Case_ThatExpectsOtherwise_IsThree()
    {
        var file = Write("case.yaml", """
            case: wrong
            input: {"resourceSpans": [{"scopeSpans": [{"spans": [{"name": "10.1.2.3"}]}]}]}
            expected: unchanged
            """);

        Assert.Equal(3, await _cli.RunAsync("telemetry", "profile", "test-redaction", "baseline", file));
        Assert.Contains("failed", _cli.Out, StringComparison.Ordinal);
        Assert.Contains("wrong: expected:", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Policy_ThatIsFaulty_IsThreeAndSaysWhere()
    {
        var policy = Write("policy.yaml", "apiVersion: telemetry.stella-ops.org/v1\nkind: RedactionPolicy\nmetadata: { name: x }\nspec: { blocked_value: [] }\n");

        Assert.Equal(3, await _cli.RunAsync("telemetry", "profile", "test-redaction", policy, policy));
        Assert.Contains("line 4, column 9", _cli.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no-such-policy", "README.md")]
    [InlineData("baseline", "no-such-file.json")]
    [InlineData("baseline", "README.md")]
    public async Task Usage_ThatIsWrong_IsTwo(string policy, string file)
    {
        Assert.Equal(2, await _cli.RunAsync("telemetry", "profile", "test-redaction", policy, file));
        Assert.StartsWith("error: ", _cli.Error, StringComparison.Ordinal);
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
