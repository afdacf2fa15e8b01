using System.Diagnostics;
using StellaOps.Telemetry.Tests.Shared.Dashboards;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.Architecture.Tests;

public sealed class DashboardTests
{
    [Fact]
    public async Task Rules_ArePrometheusRules()
    {
        var promtool = Repository.FindExecutable("promtool");
        if (promtool is null)
        {
            Dependency.Missing("promtool (eng/tools.sh promtool)");
        }

        using var process = Process.Start(new ProcessStartInfo(promtool, ["check", "rules", DashboardMetrics.PathOf("stack.rules.yaml")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, output + await error);
    }

    [Fact]
    public void Alerts_HaveARunbookSectionEach()
    {
        var alerts = File.ReadLines(DashboardMetrics.PathOf("stack.rules.yaml")).Where(l => l.Contains("- alert:", StringComparison.Ordinal)).Select(l => l.Split(':')[1].Trim());
        var sections = File.ReadLines(DashboardMetrics.PathOf("runbook.md")).Where(l => l.StartsWith("## ", StringComparison.Ordinal)).Select(l => l[3..]);
        Assert.Equal(alerts, sections);
    }
}
