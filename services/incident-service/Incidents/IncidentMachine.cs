using System.Collections.Immutable;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.IncidentService.Site;

namespace StellaOps.Telemetry.IncidentService.Incidents;

/// <summary>
/// The state machine. Sampling stays raised through the cooldown:
/// <code>
/// start -> Requested -(gateways told)-> Active -(stop, resolve, TTL over)-> CoolingDown -(expiresAt)-> Closed
///                                          ^-------(extend, fires again)-------/
/// any of the three -(expiresAt passed, and nobody was there to close it)-> Expired
/// Active, CoolingDown -(start --replace)-> Superseded
/// </code>
/// Each step returns the next version, or the same incident when there is nothing to do, so every step may be repeated.
/// </summary>
internal static class IncidentMachine
{
    /// <summary>How long after <c>expiresAt</c> closing still counts as done in time; gateways ended at it by their own clock.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan s_retention = TimeSpan.FromDays(30);

    /// <param name="terms">What is not in the request, and how much of it may be.</param>
    /// <param name="effectiveRate">What gateways are to keep of what was asked.</param>
    public static Incident Start(string id, StartIncidentRequest request, IncidentTerms terms, IncidentOrigin origin, string actor, double effectiveRate, DateTimeOffset now)
    {
        var activeUntil = now.AddSeconds(terms.TtlSeconds);
        var expiresAt = activeUntil.AddSeconds(terms.CooldownSeconds);
        return new Incident
        {
            Id = id,
            Tenant = request.Tenant,
            Services = [.. (request.Services ?? []).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            Match = request.Match?.ToImmutableSortedDictionary(StringComparer.Ordinal) ?? ImmutableSortedDictionary<string, string>.Empty,
            Reason = request.Reason,
            Severity = request.Severity,
            State = IncidentState.Requested,
            SamplingRate = terms.SamplingRate,
            EffectiveRate = effectiveRate,
            CooldownSeconds = terms.CooldownSeconds,
            LookbackSeconds = terms.LookbackSeconds,
            Captures = request.Captures ?? new IncidentCaptures(),
            RetainUntil = request.LegalHold ? null : request.RetainUntil?.ToUniversalTime() ?? now + s_retention,
            Version = 1,
            StartedAt = now,
            ActiveUntil = activeUntil,
            ExpiresAt = expiresAt,
            EndedAt = null,
            AnnouncedUntil = effectiveRate > 0 ? expiresAt : now,
            OpenedBy = actor,
            Origin = origin,
            Replaces = request.Replaces,
        };
    }

    /// <summary>Gateways have been told of the version that this returns.</summary>
    public static Incident Activate(Incident incident, DateTimeOffset now) =>
        incident.State == IncidentState.Requested && incident.ExpiresAt > now ? Next(incident, IncidentState.Active) : incident;

    /// <summary>A requested one is cut short, and cools down once it has become active: a gateway may have been told of it already.</summary>
    public static Incident Stop(Incident incident, bool skipCooldown, DateTimeOffset now)
    {
        if (!incident.IsOpen || (incident.EndedAt is not null && !skipCooldown) || incident.ExpiresAt <= now)
        {
            return incident;
        }

        // Stopped after its time ran out, before the clock saw it: a stop never makes it longer.
        var expiresAt = Earlier(incident.ExpiresAt, skipCooldown ? now : now.AddSeconds(incident.CooldownSeconds));
        return Next(incident, incident.State == IncidentState.Requested ? IncidentState.Requested : IncidentState.CoolingDown) with
        {
            ActiveUntil = Earlier(incident.ActiveUntil, now),
            EndedAt = incident.EndedAt ?? Earlier(incident.ActiveUntil, now),
            ExpiresAt = expiresAt,
        };
    }

    public static bool CanExtend(Incident incident, DateTimeOffset now) => incident.IsOpen && incident.ExpiresAt > now;

    /// <summary>Active until now + TTL, or what it was if later; one that cools down is active again.</summary>
    public static Incident Extend(Incident incident, int ttlSeconds, DateTimeOffset now)
    {
        var activeUntil = now.AddSeconds(ttlSeconds);
        if (!CanExtend(incident, now) || (incident.EndedAt is null && activeUntil <= incident.ActiveUntil))
        {
            return incident;
        }

        var expiresAt = activeUntil.AddSeconds(incident.CooldownSeconds);
        return Next(incident, incident.State == IncidentState.Requested ? IncidentState.Requested : IncidentState.Active) with
        {
            ActiveUntil = activeUntil,
            EndedAt = null,
            ExpiresAt = expiresAt,
            AnnouncedUntil = incident.EffectiveRate > 0 ? Later(expiresAt, incident.AnnouncedUntil) : incident.AnnouncedUntil,
        };
    }

    /// <summary>Another one takes its place. One that is only requested is stopped: gateways may never have heard of it.</summary>
    public static Incident Supersede(Incident incident, string by, DateTimeOffset now) => incident.State switch
    {
        IncidentState.Requested => Stop(incident, skipCooldown: true, now) is var stopped && stopped.Version != incident.Version ? stopped with { SupersededBy = by } : incident,
        IncidentState.Active or IncidentState.CoolingDown => Next(incident, IncidentState.Superseded) with
        {
            EndedAt = incident.EndedAt ?? Earlier(incident.ActiveUntil, now),
            ExpiresAt = Earlier(incident.ExpiresAt, now),
            SupersededBy = by,
        },
        _ => incident,
    };

    /// <summary>Gateways are to keep this share from now on.</summary>
    public static Incident Throttle(Incident incident, double rate) => !incident.IsOpen || incident.EffectiveRate == rate
        ? incident
        : Next(incident, incident.State) with
        {
            EffectiveRate = rate,
            AnnouncedUntil = rate > 0 ? Later(incident.ExpiresAt, incident.AnnouncedUntil) : incident.AnnouncedUntil,
        };

    /// <summary>What time alone does, one step at a time.</summary>
    public static Incident Tick(Incident incident, DateTimeOffset now)
    {
        if (!incident.IsOpen)
        {
            return incident;
        }

        if (incident.ExpiresAt + Grace < now || (incident.State == IncidentState.Requested && incident.ExpiresAt <= now))
        {
            return Next(incident, IncidentState.Expired) with { EndedAt = incident.EndedAt ?? incident.ActiveUntil };
        }

        return incident.State switch
        {
            IncidentState.Active when incident.ActiveUntil <= now => Next(incident, IncidentState.CoolingDown) with { EndedAt = incident.EndedAt ?? incident.ActiveUntil },
            IncidentState.CoolingDown when incident.ExpiresAt <= now => Next(incident, IncidentState.Closed),
            _ => incident,
        };
    }

    private static Incident Next(Incident incident, IncidentState state) => incident with { State = state, Version = incident.Version + 1 };

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
