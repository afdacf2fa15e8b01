using StellaOps.Telemetry.Tests.Shared;
using StellaOps.Telemetry.Tests.Shared.Dashboards;

namespace StellaOps.Telemetry.Architecture.Tests;

public sealed class DashboardTests
{
    [Fact]
    public async Task Rules_ArePrometheusRules()
    {
        var checkedRules = await ExternalTool.RunAsync(ExternalTool.Require("promtool"), ["check", "rules", DashboardMetrics.PathOf("stack.rules.yaml")]);

        Assert.True(checkedRules.ExitCode == 0, checkedRules.Output + checkedRules.Error);
    }

    [Fact]
    public void Alerts_HaveARunbookSectionEach()
    {
        var alerts = File.ReadLines(DashboardMetrics.PathOf("stack.rules.yaml")).Where(l => l.Contains("- alert:", StringComparison.Ordinal)).Select(l => l.Split(':')[1].Trim());
        var sections = File.ReadLines(DashboardMetrics.PathOf("runbook.md")).Where(l => l.StartsWith("## ", StringComparison.Ordinal)).Select(l => l[3..]);
        Assert.Equal(alerts, sections);
    }
}
