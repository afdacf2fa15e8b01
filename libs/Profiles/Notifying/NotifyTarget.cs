using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Profiles.Notifying;

/// <summary>Somebody, or something, that is told of incidents.</summary>
/// <param name="Name">Unique; stands in deliveries and in event ids of escalations.</param>
/// <param name="Channel">How it is told.</param>
/// <param name="Title">One line of what it is told; channels that have none leave it aside.</param>
/// <param name="Text">The rest of what it is told.</param>
/// <param name="Timeout">How long one attempt may take, from the connection to the end of the answer.</param>
/// <param name="Escalation">Who is told when nobody reacts; null: nobody.</param>
public sealed record NotifyTarget(
    string Name,
    NotifyChannel Channel,
    NotifyFilter Filter,
    NotifyTemplate Title,
    NotifyTemplate Text,
    TimeSpan Timeout,
    NotifyRetry Retry,
    NotifyEscalation? Escalation);

/// <summary>Which events a target is told of.</summary>
/// <param name="Tenants">Empty: every tenant's.</param>
/// <param name="Events">Names of events; empty: none but escalations to it.</param>
public sealed record NotifyFilter(IReadOnlyList<TenantId> Tenants, IncidentSeverity MinimumSeverity, IReadOnlyList<string> Events)
{
    /// <summary>Whether the target is told of an event.</summary>
    public bool Takes(TenantId tenant, IncidentSeverity severity, string name) => MayKnow(tenant) && severity >= MinimumSeverity && Events.Contains(name);

    /// <summary>Whether the target may be told anything of a tenant, escalations included.</summary>
    public bool MayKnow(TenantId tenant) => Tenants.Count == 0 || Tenants.Contains(tenant);
}

/// <summary>Delays double from <paramref name="First"/> to <paramref name="Max"/>.</summary>
/// <param name="Within">After this long it is a dead letter.</param>
public sealed record NotifyRetry(TimeSpan First, TimeSpan Max, TimeSpan Within);

/// <summary>Tells others when an incident that the target was told of is still active and nobody acknowledged it.</summary>
public sealed record NotifyEscalation(TimeSpan After, IncidentSeverity MinimumSeverity, IReadOnlyList<string> To);
