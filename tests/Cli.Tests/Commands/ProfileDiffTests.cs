using System.Text.Json;
using StellaOps.Telemetry.Cli.Tests.TestServices;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.Cli.Tests.Commands;

public sealed class ProfileDiffTests
{
    private readonly CliRun _cli = new() { WorkingDirectory = Repository.Root };

    [Fact]
    public async Task Diff_OneProfileWithItself_IsNothing()
    {
        Assert.Equal(0, await _cli.RunAsync("telemetry", "profile", "diff", "default", "profiles/default.yaml", "--fail-on", "harmless"));
        Assert.Contains("no change", _cli.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Diff_ForMachines_IsJson()
    {
        Assert.Equal(0, await _cli.RunAsync("telemetry", "profile", "diff", "forensic", "default", "--output", "json"));

        var report = JsonDocument.Parse(_cli.Out).RootElement;
        Assert.Equal("weakens-durability", report.GetProperty("highestRisk").GetString());
        var baseline = report.GetProperty("changes").EnumerateArray().Single(c => c.GetProperty("path").GetString() == "spec.sampling.policies.baseline.sampling_percentage");
        Assert.Equal("50 %", baseline.GetProperty("before").GetString());
        Assert.Equal("10 %", baseline.GetProperty("after").GetString());
        Assert.Equal("lowers-sampling", baseline.GetProperty("risk").GetString());
        Assert.Equal("sampling policy 'baseline' keeps 50 % -> 10 %", baseline.GetProperty("text").GetString());
        Assert.EndsWith("changes\n", _cli.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("weakens-durability", 3)]
    [InlineData("harmless", 3)]
    [InlineData("opens-egress", 0)]
    public async Task FailOn_Threshold_DecidesTheExitCode(string threshold, int code) =>
        Assert.Equal(code, await _cli.RunAsync("telemetry", "profile", "diff", "forensic", "default", "--fail-on", threshold));

    [Fact]
    public async Task Overlay_LiesOverBoth()
    {
        var folder = Directory.CreateTempSubdirectory("stella-diff-");
        try
        {
            foreach (var file in (string[])["default.yaml", "redaction/baseline.yaml", "overlays/prod/default.yaml"])
            {
                Directory.CreateDirectory(Path.Combine(folder.FullName, Path.GetDirectoryName(file)!));
                File.Copy(Path.Combine(Repository.Root, "profiles", file), Path.Combine(folder.FullName, file));
            }

            var mine = Path.Combine(folder.FullName, "overlays", "prod", "default.yaml");
            var text = await File.ReadAllTextAsync(mine, TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(mine, text.Replace("queue_bytes: 4GiB", "queue_bytes: 2GiB", StringComparison.Ordinal), TestContext.Current.CancellationToken);

            Assert.Equal(3, await _cli.RunAsync(
                "telemetry", "profile", "diff", "default", Path.Combine(folder.FullName, "default.yaml"), "--overlay", "prod", "--fail-on", "weakens-durability"));
            Assert.Contains("queue of edge Collectors 4GiB -> 2GiB", _cli.Out, StringComparison.Ordinal);
            Assert.Contains("1 change", _cli.Out, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData(2, "there is no profile 'nobody'", "default", "nobody")]
    [InlineData(2, "--fail-on: write one of harmless, ", "default", "forensic", "--fail-on", "scary")]
    [InlineData(1, "'README.md' has ", "README.md", "default")]
    public async Task Diff_WhatCannotBe_SaysWhy(int code, string why, params string[] args)
    {
        Assert.Equal(code, await _cli.RunAsync(["telemetry", "profile", "diff", .. args]));
        Assert.Contains(why, _cli.Error, StringComparison.Ordinal);
        Assert.Equal("", _cli.Out);
    }

    [Fact]
    public async Task Help_SaysTheExitCodesAndRisks()
    {
        Assert.Equal(0, await _cli.RunAsync("telemetry", "profile", "diff", "--help"));
        Assert.Contains("Exit with 3", string.Join(' ', _cli.Out.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.Contains("drops-redaction-rule", _cli.Out, StringComparison.Ordinal);
    }
}
