namespace StellaOps.Telemetry.Otlp;

/// <summary>What a request may ask for.</summary>
public sealed record OtlpLimits
{
    /// <summary>The defaults.</summary>
    public static OtlpLimits Default { get; } = new();

    /// <summary>How deep messages may nest, the request being 1. A plain attribute of a span event is at 7; stock parsers stop at 100.</summary>
    public int MaxDepth { get; init; } = 64;

    /// <summary>How deep arrays and maps may nest within one value.</summary>
    public int MaxValueDepth { get; init; } = 32;

    /// <summary>How many records one request may carry.</summary>
    public int MaxRecords { get; init; } = 1_000_000;
}
