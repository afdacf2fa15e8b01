using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.Cli.Commands.Profiles.Diffing;

/// <summary>How the sides of a comparison are read.</summary>
/// <param name="Overlay">The environment whose overlay lies over what is read from the disk; null for none. A signed version has its own.</param>
/// <param name="Trust">Whose signatures under versions count; null: the profile service has judged them.</param>
internal sealed record ProfileReading(string? Overlay, TrustStore? Trust);
