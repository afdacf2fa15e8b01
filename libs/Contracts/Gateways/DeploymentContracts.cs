namespace StellaOps.Telemetry.Contracts.Gateways;

/// <summary>The deployment of a profile that is in force on a gateway, as the gateway itself verified it.</summary>
/// <param name="Version">The profile's version.</param>
/// <param name="Overlay">The environment whose overlay lies over the profile; null for none.</param>
/// <param name="Digest">Lower-case hex of the SHA-256 of the closure that was signed.</param>
/// <param name="Counter">The deployment's number in the fleet.</param>
/// <param name="Floor">The lowest version of this profile that the gateway still takes; 0 when no deployment named one.</param>
/// <param name="Author">The person who wrote the version.</param>
/// <param name="Approvers">The persons who approved it.</param>
/// <param name="BreakGlass">Who waived approvals or the floor for it; null when nobody did.</param>
public sealed record DeploymentResponse(
    long Version,
    string? Overlay,
    string Digest,
    long Counter,
    long Floor,
    string Rollout,
    DateTimeOffset IssuedAt,
    string Author,
    IReadOnlyList<string> Approvers,
    BreakGlassResponse? BreakGlass);

/// <summary>Who waived the rules, and why.</summary>
public sealed record BreakGlassResponse(string Person, string Reason);

/// <summary>A deployment that a gateway did not take over.</summary>
/// <param name="Reason">A word for machines, such as <c>self_approved</c> or <c>replayed</c>.</param>
/// <param name="Faults">What is wrong and how to mend it.</param>
public sealed record DeploymentRefusalResponse(DateTimeOffset At, string Reason, IReadOnlyList<string> Faults);
