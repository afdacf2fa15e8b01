namespace StellaOps.Telemetry.IngestGateway.Sampling.Policies;

/// <summary>What one policy says of a trace.</summary>
internal enum Verdict : byte
{
    NotSampled,
    Sampled,

    /// <summary>Of a policy with <c>invert_match</c>: it matched, so not.</summary>
    InvertNotSampled,

    /// <summary>Of a policy with <c>invert_match</c>: it did not match, so yes, unless another says no.</summary>
    InvertSampled,
    Dropped,
}

/// <summary>Verdicts as groups of policies see them: inverted ones count as plain ones.</summary>
internal static class VerdictExtensions
{
    public static bool IsYes(this Verdict verdict) => verdict is Verdict.Sampled or Verdict.InvertSampled;
}
