using StellaOps.Telemetry.OpAmp.Model;

namespace StellaOps.Telemetry.OpAmp.Client;

/// <summary>What became of an offered configuration.</summary>
/// <param name="Error">Why it is not in force; null when it is.</param>
/// <param name="Effective">What is in force now; null when that did not change.</param>
public sealed record ConfigOutcome(string? Error, EffectiveConfig? Effective)
{
    /// <summary>It is in force.</summary>
    public static ConfigOutcome Applied(EffectiveConfig effective) => new(null, effective);

    /// <summary>It is not, and what was in force still is.</summary>
    public static ConfigOutcome Failed(string error) => new(error, null);
}
