namespace StellaOps.Telemetry.IncidentService.Limits;

/// <summary>What an incident may keep now.</summary>
/// <param name="Why">For the timeline.</param>
internal sealed record RateGrant(double Rate, string Why);
