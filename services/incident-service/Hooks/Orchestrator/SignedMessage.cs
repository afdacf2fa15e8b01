namespace StellaOps.Telemetry.IncidentService.Hooks.Orchestrator;

/// <summary>A message that has to be taken once.</summary>
/// <param name="ForgetAt">From then on its timestamp alone keeps it out.</param>
internal sealed record SignedMessage(string Orchestrator, string Id, string BodyHash, DateTimeOffset ForgetAt);
