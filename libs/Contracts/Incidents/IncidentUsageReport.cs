namespace StellaOps.Telemetry.Contracts.Incidents;

/// <summary>
/// What incidents made one gateway keep since it started: field <c>gatewayId</c> of the hash <see cref="KnownRedis.IncidentUsage"/>, as a DSSE
/// envelope (<see cref="PayloadType"/>) signed by the gateway, written every second while there is something to say.
/// </summary>
/// <param name="StartedAt">When it began to count: with another start the counts are others.</param>
/// <param name="MeasuredAt">When it counted last.</param>
/// <param name="Incidents">By incident id; those that ended a while ago are gone.</param>
public sealed record IncidentUsageReport(string GatewayId, DateTimeOffset StartedAt, DateTimeOffset MeasuredAt, IReadOnlyDictionary<string, IncidentKept> Incidents)
{
    /// <summary>DSSE payload type.</summary>
    public const string PayloadType = "application/vnd.stella-ops.incident-usage.v1+json";
}

/// <summary>What was kept for an incident.</summary>
/// <param name="Records">Spans, and log records where logs are sampled.</param>
/// <param name="Bytes">Of their requests, before compression.</param>
public sealed record IncidentKept(long Records, long Bytes);
