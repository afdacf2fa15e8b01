namespace StellaOps.Telemetry.ProfileService.Tenants;

/// <summary>What became of a request to make something.</summary>
internal enum AddOutcome
{
    Made,
    Exists,

    /// <summary>The Idempotency-Key was used with another request.</summary>
    KeyReused,

    /// <summary>What it belongs to does not exist.</summary>
    NoTenant,

    /// <summary>The tenant takes replays and nothing else.</summary>
    ReplayTarget,
}
