namespace StellaOps.Telemetry.Contracts.Incidents;

/// <summary>Body of <c>POST /api/v1/incidents/{id}/acknowledge</c>: somebody looks after it, so nobody else has to be called.</summary>
public sealed record AcknowledgeIncidentRequest(string? Reason = null);
