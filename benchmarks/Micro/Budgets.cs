using System.Text.Json;

namespace StellaOps.Telemetry.Benchmarks.Micro;

/// <summary>What each hot path may allocate, in bytes a record: <c>benchmarks/budgets.json</c>.</summary>
public static class Budgets
{
    /// <summary>By the hot path's name.</summary>
    public static IReadOnlyDictionary<string, double> Load() =>
        JsonSerializer.Deserialize<Dictionary<string, double>>(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "budgets.json")))!;
}
