namespace StellaOps.Telemetry.Contracts.Sampling;

/// <summary>
/// Answer of Jaeger's remote sampling, as <c>jaeger.api_v2.SamplingStrategyResponse</c> is in JSON
/// (https://github.com/jaegertracing/jaeger-idl/blob/main/proto/api_v2/sampling.proto).
/// </summary>
public sealed record JaegerSamplingResponse(string StrategyType, JaegerProbabilisticSampling ProbabilisticSampling)
{
    /// <summary>A share of new traces.</summary>
    public static JaegerSamplingResponse Of(double rate) => new("PROBABILISTIC", new JaegerProbabilisticSampling(rate));
}

/// <summary>Of new traces.</summary>
public sealed record JaegerProbabilisticSampling(double SamplingRate);
