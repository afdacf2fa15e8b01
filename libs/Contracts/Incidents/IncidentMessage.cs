using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Contracts.Incidents;

/// <summary>
/// What gateways are told of an incident: field <c>id</c> of the hash <see cref="KnownRedis.ActiveIncidents"/> and the message on
/// <see cref="KnownRedis.IncidentChannel"/>, both as a DSSE envelope (<see cref="PayloadType"/>) signed by the incident service.
/// A gateway takes a message only when its <see cref="Version"/> is above the one it knows of this incident, and ends an incident only by
/// a <see cref="Tombstone"/> of a higher version or by <see cref="ExpiresAt"/>: never by absence.
/// </summary>
/// <param name="Services">Values of <c>service.name</c> in scope; empty: all.</param>
/// <param name="Match">Attributes that a span or its resource must have, with these text values, for its trace to be in scope; null: any.</param>
public sealed record IncidentMessage(
    string Id,
    long Version,
    bool Tombstone,
    TenantId Tenant,
    IReadOnlyList<string> Services,
    double SamplingRate,
    DateTimeOffset StartedAt,
    DateTimeOffset ExpiresAt,
    IReadOnlyDictionary<string, string>? Match = null)
{
    /// <summary>DSSE payload type.</summary>
    public const string PayloadType = "application/vnd.stella-ops.incident.v1+json";
}
