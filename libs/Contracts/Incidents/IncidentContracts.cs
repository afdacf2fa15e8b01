using System.Text.Json.Serialization;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Contracts.Incidents;

/// <summary>Where an incident stands. Sampling is raised in <see cref="Active"/> and <see cref="CoolingDown"/>.</summary>
public enum IncidentState
{
    [JsonStringEnumMemberName("requested")]
    Requested,

    [JsonStringEnumMemberName("active")]
    Active,

    [JsonStringEnumMemberName("cooling-down")]
    CoolingDown,

    [JsonStringEnumMemberName("closed")]
    Closed,

    [JsonStringEnumMemberName("expired")]
    Expired,
}

/// <summary>How bad it is.</summary>
public enum IncidentSeverity
{
    [JsonStringEnumMemberName("info")]
    Info,

    [JsonStringEnumMemberName("warning")]
    Warning,

    [JsonStringEnumMemberName("critical")]
    Critical,
}

/// <summary>Body of <c>POST /api/v1/incidents</c>.</summary>
/// <param name="Services">Values of <c>service.name</c> in scope; null or empty: every service of the tenant.</param>
/// <param name="SamplingRate">Share of in-scope traces kept, above 0 and at most 1. Default 1.</param>
/// <param name="TtlSeconds">How long it stays active without a stop. Default 3600.</param>
/// <param name="CooldownSeconds">How long sampling stays raised after the end. Default 300.</param>
public sealed record StartIncidentRequest(
    TenantId Tenant,
    IReadOnlyList<string>? Services,
    string Reason,
    IncidentSeverity Severity = IncidentSeverity.Critical,
    double SamplingRate = 1.0,
    int TtlSeconds = 3600,
    int CooldownSeconds = 300);

/// <summary>Body of <c>POST /api/v1/incidents/{id}/stop</c>.</summary>
/// <param name="Now">Skip the cooldown: sampling reverts at once.</param>
public sealed record StopIncidentRequest(bool Now = false, string? Reason = null);

/// <summary>Body of <c>POST /api/v1/incidents/{id}/extend</c>: active until now + TTL, or what it was if later.</summary>
public sealed record ExtendIncidentRequest(int TtlSeconds, string? Reason = null);

/// <summary>One incident.</summary>
/// <param name="ExpiresAt">start + TTL + cooldown while active, end + cooldown while cooling down: after it no gateway keeps sampling raised.</param>
public sealed record IncidentResponse(
    string Id,
    TenantId Tenant,
    IReadOnlyList<string> Services,
    string Reason,
    IncidentSeverity Severity,
    IncidentState State,
    double SamplingRate,
    int CooldownSeconds,
    long Version,
    DateTimeOffset StartedAt,
    DateTimeOffset ActiveUntil,
    DateTimeOffset ExpiresAt,
    DateTimeOffset? EndedAt,
    string OpenedBy,
    IReadOnlyList<IncidentEvent> Timeline);

/// <summary>One step of an incident's timeline.</summary>
public sealed record IncidentEvent(DateTimeOffset At, string Actor, string Action, string? Detail);
