namespace StellaOps.Telemetry.ServiceDefaults.Database;

/// <summary>What a claim of an <c>Idempotency-Key</c> came to.</summary>
public enum IdempotencyOutcome
{
    /// <summary>Go on and make the resource.</summary>
    New,

    /// <summary>The same request made <see cref="IdempotencyClaim.ResourceId"/> before: answer with that.</summary>
    Repeat,

    /// <summary>Another request used this key.</summary>
    Mismatch,
}

/// <summary>Outcome and the resource's id.</summary>
public readonly record struct IdempotencyClaim(IdempotencyOutcome Outcome, string ResourceId);
