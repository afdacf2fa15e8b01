namespace StellaOps.Telemetry.IncidentService.Notify.Deliveries;

/// <summary>One event for one target, claimed to be sent now.</summary>
/// <param name="Attempts">This one included.</param>
/// <param name="TriedSince">Since when it is being tried.</param>
/// <param name="Body">The event's JSON, byte for byte the same at each attempt.</param>
internal sealed record Delivery(
    long Number, Guid LeaseOwner, string EventId, string EventName, string IncidentId, string Target, int Attempts, DateTimeOffset TriedSince, string Body);
