namespace StellaOps.Telemetry.IncidentService.Site;

/// <summary>What an incident begins with.</summary>
/// <param name="Limit">Why it stays raised for less than was asked; null: it does not.</param>
internal sealed record IncidentTerms(double SamplingRate, int TtlSeconds, int CooldownSeconds, int LookbackSeconds, string? Limit = null);
