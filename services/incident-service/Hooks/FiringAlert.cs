namespace StellaOps.Telemetry.IncidentService.Hooks;

/// <summary>An alert that keeps an incident open.</summary>
/// <param name="StartsAt">Tells one firing from the next.</param>
internal sealed record FiringAlert(string Fingerprint, string StartsAt);
