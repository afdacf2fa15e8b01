using System.Text.Json.Serialization;

namespace StellaOps.Telemetry.Contracts.Sampling;

/// <summary>
/// Answer of <see cref="KnownSamplingRoutes.Follow"/>: the share of new traces that a service begins. Its ETag stands for all of it, and is the
/// same at every gateway that says the same.
/// </summary>
/// <param name="SamplingRate">0 to 1: the greater of <paramref name="BaseRate"/> and the incident's.</param>
/// <param name="BaseRate">0 to 1: what holds without an incident.</param>
/// <param name="IncidentId">The incident in force; null without one.</param>
/// <param name="ExpiresAt">When the incident ends at the latest, also where no gateway can be asked any more; null without one.</param>
public sealed record HeadSamplingResponse([property: JsonRequired] double SamplingRate, [property: JsonRequired] double BaseRate, string? IncidentId, DateTimeOffset? ExpiresAt);
