namespace StellaOps.Telemetry.IngestGateway.Exporters;

/// <summary>What a store answered.</summary>
internal enum OtlpSendOutcome
{
    Accepted,
    Retryable,
    Rejected,
}

/// <param name="Reason">A short, bounded word for metrics.</param>
/// <param name="RejectedRecords">Of an accepted request: what its partial success refuses.</param>
internal readonly record struct OtlpSendResult(OtlpSendOutcome Outcome, string Reason, string? Message, TimeSpan? RetryAfter, long RejectedRecords);
