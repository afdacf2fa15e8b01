namespace StellaOps.Telemetry.Benchmarks.Harness.Reporting;

/// <summary>What one run gave.</summary>
internal sealed record Measurement
{
    /// <summary>Processor time of the process under measurement, seconds per million records.</summary>
    public required double CpuPerMillion { get; init; }

    public required double GeneratorCpuPerMillion { get; init; }

    public required double SinkCpuPerMillion { get; init; }

    public required double RecordsPerSecond { get; init; }

    public required double PeakMemoryMiB { get; init; }

    /// <summary>Records acknowledged over the whole run.</summary>
    public required long Acknowledged { get; init; }

    public required long Exported { get; init; }

    public required long SampledOut { get; init; }

    /// <summary>Requests refused, retryable.</summary>
    public required long Refused { get; init; }

    /// <summary>Requests that got another answer, or none.</summary>
    public required long Failed { get; init; }

    /// <summary>Why requests were refused, as the gateway says.</summary>
    public required IReadOnlyDictionary<string, long> Refusals { get; init; }

    public required double P50Ms { get; init; }

    public required double P99Ms { get; init; }

    public long Lost => Acknowledged - Exported - SampledOut;

    /// <summary>Records a second that all cores could do, were none ever idle.</summary>
    public double Achievable => Environment.ProcessorCount * 1_000_000 / Math.Max(0.001, CpuPerMillion + GeneratorCpuPerMillion + SinkCpuPerMillion);
}
