namespace StellaOps.Telemetry.IncidentService.Notify.Deliveries;

/// <summary>What came of one attempt.</summary>
internal enum DeliveryOutcome
{
    Delivered,

    /// <summary>It may go well later.</summary>
    Retryable,

    /// <summary>It is not going to.</summary>
    Final,
}

/// <summary>What came of one attempt, and why.</summary>
/// <param name="Reason">Bounded, on one line, without secrets; empty when it went well.</param>
/// <param name="RetryAfter">What the target asks for.</param>
internal readonly record struct DeliveryResult(DeliveryOutcome Outcome, string Reason = "", TimeSpan? RetryAfter = null)
{
    public static DeliveryResult Delivered => new(DeliveryOutcome.Delivered);

    public static DeliveryResult Retryable(string reason, TimeSpan? retryAfter = null) => new(DeliveryOutcome.Retryable, reason, retryAfter);

    public static DeliveryResult Final(string reason) => new(DeliveryOutcome.Final, reason);
}
