using System.Text.Json;

namespace StellaOps.Telemetry.Benchmarks.Harness.Reporting;

/// <summary>The results for machines: an array of objects, one for each pipeline.</summary>
internal static class ResultJson
{
    private static readonly JsonSerializerOptions s_options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    public static string Serialize(IReadOnlyList<Result> results) => JsonSerializer.Serialize(results, s_options);
}
