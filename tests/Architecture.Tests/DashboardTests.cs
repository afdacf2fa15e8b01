using StellaOps.Telemetry.Tests.Shared;
using StellaOps.Telemetry.Tests.Shared.Dashboards;

namespace StellaOps.Telemetry.Architecture.Tests;

public sealed class DashboardTests
{
    private const string Rules = "stack.rules.yaml";
    private const string RuleTests = "stack.rules.test.yaml";

    [Fact]
    public async Task Rules_ArePrometheusRules()
    {
        var checkedRules = await ExternalTool.RunAsync(ExternalTool.Require("promtool"), ["check", "rules", DashboardMetrics.PathOf(Rules)]);

        Assert.True(checkedRules.ExitCode == 0, checkedRules.Output + checkedRules.Error);
    }

    [Fact]
    public async Task Alerts_FireByWhatTheyAreFor_AndNotByLess()
    {
        var tested = await ExternalTool.RunAsync(ExternalTool.Require("promtool"), ["test", "rules", DashboardMetrics.PathOf(RuleTests)]);

        Assert.True(tested.ExitCode == 0, tested.Output + tested.Error);
    }

    [Fact]
    public void Alerts_AreTestedEach_InASoundStackAndByTheirOwnTest()
    {
        var lines = File.ReadAllLines(DashboardMetrics.PathOf(RuleTests));
        Assert.Equal(["sound", .. Alerts()], lines.Where(l => l.StartsWith("  - name: ", StringComparison.Ordinal)).Select(l => l.Split(':')[1].Trim()));
        Assert.All(Alerts(), alert => Assert.Contains($"      - {{ eval_time: 12h, alertname: {alert} }}", lines));
        Assert.All(Alerts(), alert => Assert.Single(lines, $"        alertname: {alert}"));
    }

    [Fact]
    public void Alerts_HaveARunbookSectionEach()
    {
        var sections = File.ReadLines(DashboardMetrics.PathOf("runbook.md")).Where(l => l.StartsWith("## ", StringComparison.Ordinal)).Select(l => l[3..]);
        Assert.Equal(Alerts(), sections);
    }

    private static IEnumerable<string> Alerts() => File.ReadLines(DashboardMetrics.PathOf(Rules)).Where(l => l.Contains("- alert:", StringComparison.Ordinal)).Select(l => l.Split(':')[1].Trim());
}
