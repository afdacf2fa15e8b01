namespace StellaOps.Telemetry.Benchmarks.Harness.Reporting;

/// <summary>The middle of several runs.</summary>
internal static class Median
{
    public static double Of<T>(IEnumerable<T> runs, Func<T, double> of)
    {
        var sorted = runs.Select(of).Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }
}
