using System.Text.Json.Serialization;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Contracts.Incidents;

/// <summary>Where an incident stands. Sampling is raised in <see cref="Active"/> and <see cref="CoolingDown"/>.</summary>
public enum IncidentState
{
    /// <summary>Taken, and not told to gateways yet.</summary>
    [JsonStringEnumMemberName("requested")]
    Requested,

    /// <summary>Gateways were told.</summary>
    [JsonStringEnumMemberName("active")]
    Active,

    /// <summary>Stopped, resolved, or its time is over; sampling stays raised until <c>expiresAt</c>.</summary>
    [JsonStringEnumMemberName("cooling-down")]
    CoolingDown,

    /// <summary>Its cooldown is over, and gateways were told so.</summary>
    [JsonStringEnumMemberName("closed")]
    Closed,

    /// <summary><c>expiresAt</c> passed while nobody could tell gateways: they reverted by themselves.</summary>
    [JsonStringEnumMemberName("expired")]
    Expired,

    /// <summary>Another incident was started in its place.</summary>
    [JsonStringEnumMemberName("superseded")]
    Superseded,
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

/// <summary>What opens an incident.</summary>
public enum IncidentOriginKind
{
    [JsonStringEnumMemberName("person")]
    Person,

    [JsonStringEnumMemberName("alert")]
    Alert,

    [JsonStringEnumMemberName("orchestrator")]
    Orchestrator,
}

/// <summary>What opened an incident.</summary>
/// <param name="Rule">The hook's rule; null for a person.</param>
/// <param name="Correlation">What the source calls it: while the incident is open, the same one opens no other. Null for a person.</param>
public sealed record IncidentOrigin(IncidentOriginKind Kind, string? Rule = null, string? Correlation = null);

/// <summary>When bundles are captured, each from the start of the lookback on.</summary>
/// <param name="OnOpen">As soon as gateways keep everything.</param>
/// <param name="OnClose">When it has ended, however it ends.</param>
/// <param name="EverySeconds">And each time this long has passed while it is open; null: not.</param>
public sealed record IncidentCaptures(bool OnOpen = false, bool OnClose = true, int? EverySeconds = null);

/// <summary>Body of <c>POST /api/v1/incidents</c>.</summary>
/// <param name="Services">Values of <c>service.name</c> in scope; null or empty: every service of the tenant.</param>
/// <param name="SamplingRate">Share of in-scope traces kept, above 0 and at most 1. Null: the site's profile says it, else 1.</param>
/// <param name="TtlSeconds">How long it stays active without a stop, within the ceiling of the site's profile. Default 3600.</param>
/// <param name="CooldownSeconds">How long sampling stays raised after the end, within the same. Null: the site's profile says it, else 300.</param>
/// <param name="Match">Attributes, of a span or its resource, that must all have these text values for a trace to be in scope; null or empty: any.</param>
/// <param name="LookbackSeconds">How far before the start evidence reaches; as much of it as recorders still hold is kept. Null: the site's profile says it, else 900.</param>
/// <param name="Captures">When bundles are captured. Default: when it has ended.</param>
/// <param name="RetainUntil">Until when what it kept must not be deleted. Default: 30 days after the start.</param>
/// <param name="LegalHold">Nothing of it is ever deleted, until somebody releases the hold.</param>
/// <param name="Replaces">An open incident of the same tenant that ends, superseded, as this one begins.</param>
public sealed record StartIncidentRequest(
    TenantId Tenant,
    IReadOnlyList<string>? Services,
    string Reason,
    IncidentSeverity Severity = IncidentSeverity.Critical,
    double? SamplingRate = null,
    int TtlSeconds = 3600,
    int? CooldownSeconds = null,
    IReadOnlyDictionary<string, string>? Match = null,
    int? LookbackSeconds = null,
    IncidentCaptures? Captures = null,
    DateTimeOffset? RetainUntil = null,
    bool LegalHold = false,
    string? Replaces = null);

/// <summary>Body of <c>POST /api/v1/incidents/{id}/stop</c>.</summary>
/// <param name="Now">Skip the cooldown: sampling reverts at once.</param>
public sealed record StopIncidentRequest(bool Now = false, string? Reason = null);

/// <summary>Body of <c>POST /api/v1/incidents/{id}/extend</c>: active until now + TTL, or what it was if later.</summary>
public sealed record ExtendIncidentRequest(int TtlSeconds, string? Reason = null);

/// <summary>One incident.</summary>
/// <param name="SamplingRate">What was asked.</param>
/// <param name="EffectiveSamplingRate">What gateways keep: lower, down to 0, while the tenant is above one of its ceilings.</param>
/// <param name="ExpiresAt">start + TTL + cooldown while active, end + cooldown while cooling down: after it no gateway keeps sampling raised.</param>
/// <param name="Replaces">The incident that it superseded.</param>
/// <param name="SupersededBy">The incident that superseded it.</param>
/// <param name="Cost">What gateways report; null when none has reported yet, and in lists.</param>
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
    double EffectiveSamplingRate,
    IReadOnlyDictionary<string, string> Match,
    int LookbackSeconds,
    IncidentCaptures Captures,
    DateTimeOffset? RetainUntil,
    bool LegalHold,
    IncidentOrigin Origin,
    string? Replaces,
    string? SupersededBy,
    IReadOnlyList<IncidentEvent> Timeline,
    IncidentCost? Cost = null);

/// <summary>
/// What an incident costs: at most this much more than without it, since some of what it keeps sampling would have kept too.
/// </summary>
/// <param name="SpansPerSecond">Kept for it in the last seconds, by all gateways.</param>
/// <param name="BytesPerSecond">Of OTLP, before compression.</param>
/// <param name="Spans">Kept for it so far.</param>
/// <param name="Bytes">Of OTLP, before compression.</param>
public sealed record IncidentCost(double SpansPerSecond, double BytesPerSecond, long Spans, long Bytes, DateTimeOffset MeasuredAt);

/// <summary>One step of an incident's timeline.</summary>
/// <param name="State">The state that it led to.</param>
/// <param name="Version">The version that it made.</param>
public sealed record IncidentEvent(DateTimeOffset At, string Actor, string Action, string? Detail, IncidentState? State = null, long? Version = null);
