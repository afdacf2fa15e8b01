namespace StellaOps.Telemetry.Benchmarks.Load;

/// <summary>The prepared requests of a signal, by variation and part.</summary>
public static class LoadPool
{
    private const int Variations = 6;

    /// <param name="signal"><c>traces</c>, <c>logs</c> or <c>metrics</c>.</param>
    /// <returns>Part 0 to 3 of variation 0, of variation 1, and so on.</returns>
    public static RequestTemplate[] Create(string signal)
    {
        var requests = new RequestTemplate[Variations * TraceLoad.Parts];
        for (var i = 0; i < requests.Length; i++)
        {
            requests[i] = signal switch
            {
                "traces" => TraceLoad.Create(i / TraceLoad.Parts, i % TraceLoad.Parts),
                "logs" => LogLoad.Create(i),
                "metrics" => MetricLoad.Create(i),
                _ => throw new ArgumentException($"'{signal}' is no signal", nameof(signal)),
            };
        }

        return requests;
    }
}
