using System.Text.RegularExpressions;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.Tests.Shared.Dashboards;

/// <summary>The metrics that dashboards and rules name, to be compared with what running processes expose.</summary>
public static partial class DashboardMetrics
{
    /// <summary>Every metric named in a file of <c>dashboards/</c> (<c>stack.json</c>, <c>stack.rules.yaml</c>).</summary>
    public static IReadOnlySet<string> NamedIn(string file) => Name()
        .Matches(File.ReadAllText(PathOf(file)))
        .Select(m => m.Value)
        .ToHashSet(StringComparer.Ordinal);

    /// <summary>A file of <c>dashboards/</c>.</summary>
    public static string PathOf(string file) => Path.Combine(Repository.Root, "dashboards", file);

    [GeneratedRegex(@"\b(?:telemetry|collector)_[a-z_]+\b")]
    private static partial Regex Name();
}
