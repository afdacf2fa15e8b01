namespace StellaOps.Telemetry.Benchmarks.LoadGenerator.Wire;

/// <summary>What became of a request.</summary>
internal enum Answer : byte
{
    /// <summary>Success: the receiver answers for its records.</summary>
    Acknowledged,

    /// <summary>A retryable refusal that says when to come back.</summary>
    RefusedWithDelay,

    /// <summary>A retryable refusal that does not.</summary>
    Refused,

    /// <summary>Any other answer.</summary>
    Failed,

    /// <summary>The connection ended before the answer: nobody knows.</summary>
    Lost,
}
