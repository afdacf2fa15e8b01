namespace StellaOps.Telemetry.IngestGateway.Exporters;

/// <summary>What a store answered.</summary>
internal enum OtlpSendOutcome
{
    Accepted,

    /// <summary>Later it may be another answer.</summary>
    Retryable,

    /// <summary>The store takes none so large; a part of it, it may.</summary>
    TooLarge,

    /// <summary>Refused for good.</summary>
    Rejected,
}

/// <param name="Reason">A short, bounded word for metrics.</param>
/// <param name="RejectedRecords">Of an accepted request: what its partial success refuses.</param>
internal readonly record struct OtlpSendResult(OtlpSendOutcome Outcome, string Reason, string? Message, TimeSpan? RetryAfter, long RejectedRecords);
