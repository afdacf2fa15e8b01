namespace StellaOps.Telemetry.Contracts.Gateways;

/// <summary>Which profile a gateway runs: its effective configuration over OpAMP, named rather than repeated, since it may hold secrets.</summary>
/// <param name="Hash">Lower-case hex of the SHA-256 of the resolved profile.</param>
/// <param name="Version">The profile's version; null, as what follows, while the gateway runs its machine's own profile file.</param>
/// <param name="Overlay">The environment whose overlay lies over the profile; null for none.</param>
/// <param name="Digest">Lower-case hex of the SHA-256 of the closure that was signed.</param>
/// <param name="Counter">The deployment's number in the fleet.</param>
/// <param name="Rollout">The rollout that the deployment is part of.</param>
public sealed record ProfileInForce(string Profile, string Hash, long? Version, string? Overlay, string? Digest, long? Counter, string? Rollout);
