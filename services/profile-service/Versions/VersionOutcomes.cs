namespace StellaOps.Telemetry.ProfileService.Versions;

/// <summary>What became of a version that was sent.</summary>
internal enum PublishOutcome
{
    Published,

    /// <summary>Its number is not the next one.</summary>
    NotNext,

    /// <summary>The Idempotency-Key was used with another request.</summary>
    KeyReused,
}

/// <summary>What became of an approval that was sent.</summary>
internal enum ApproveOutcome
{
    Approved,

    /// <summary>This person approved it before.</summary>
    ApprovedBefore,

    TooMany,

    /// <summary>The Idempotency-Key was used with another request.</summary>
    KeyReused,
}
