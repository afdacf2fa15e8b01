using StellaOps.Telemetry.Contracts.Incidents;

namespace StellaOps.Telemetry.IncidentService.Incidents;

/// <summary>
/// The state machine. Sampling stays raised through the cooldown:
/// <code>
/// start -> Active -(stop)-------> CoolingDown -(expiresAt)-> Closed
///             |  \-(stop --now)----------------------------> Closed
///             \-(activeUntil)---> CoolingDown -(expiresAt)-> Expired
/// </code>
/// Each step returns the next version, or the same incident when there is nothing to do, so every step may be repeated.
/// </summary>
internal static class IncidentMachine
{
    public static Incident Start(string id, StartIncidentRequest request, string actor, DateTimeOffset now)
    {
        var activeUntil = now.AddSeconds(request.TtlSeconds);
        var expiresAt = activeUntil.AddSeconds(request.CooldownSeconds);
        return new Incident(
            id,
            request.Tenant,
            [.. (request.Services ?? []).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            request.Reason,
            request.Severity,
            IncidentState.Active,
            request.SamplingRate,
            request.CooldownSeconds,
            Version: 1,
            StartedAt: now,
            activeUntil,
            expiresAt,
            EndedAt: null,
            AnnouncedUntil: expiresAt,
            actor);
    }

    public static Incident Stop(Incident incident, bool skipCooldown, DateTimeOffset now)
    {
        if (!incident.IsRaised || (incident.State == IncidentState.CoolingDown && !skipCooldown))
        {
            return incident;
        }

        var ended = incident.EndedAt ?? now;
        var expiresAt = skipCooldown ? now : now.AddSeconds(incident.CooldownSeconds);
        if (expiresAt > incident.ExpiresAt)
        {
            // Stopped after its time ran out, before the clock saw it: a stop never makes it longer.
            expiresAt = incident.ExpiresAt;
        }

        return Next(incident, expiresAt <= now ? IncidentState.Closed : IncidentState.CoolingDown) with { EndedAt = ended, ExpiresAt = expiresAt };
    }

    public static bool CanExtend(Incident incident, DateTimeOffset now) => incident.State == IncidentState.Active && incident.ActiveUntil > now;

    public static Incident Extend(Incident incident, int ttlSeconds, DateTimeOffset now)
    {
        var activeUntil = now.AddSeconds(ttlSeconds);
        if (activeUntil <= incident.ActiveUntil)
        {
            return incident;
        }

        var expiresAt = activeUntil.AddSeconds(incident.CooldownSeconds);
        return Next(incident, IncidentState.Active) with
        {
            ActiveUntil = activeUntil,
            ExpiresAt = expiresAt,
            AnnouncedUntil = expiresAt > incident.AnnouncedUntil ? expiresAt : incident.AnnouncedUntil,
        };
    }

    /// <summary>What time alone does.</summary>
    public static Incident Tick(Incident incident, DateTimeOffset now)
    {
        if (!incident.IsRaised)
        {
            return incident;
        }

        if (incident.ExpiresAt <= now)
        {
            // Who stopped it closed it; who let it run out did not.
            return incident.State == IncidentState.CoolingDown && incident.EndedAt < incident.ActiveUntil
                ? Next(incident, IncidentState.Closed)
                : Next(incident, IncidentState.Expired) with { EndedAt = incident.EndedAt ?? incident.ActiveUntil };
        }

        return incident.State == IncidentState.Active && incident.ActiveUntil <= now
            ? Next(incident, IncidentState.CoolingDown) with { EndedAt = incident.ActiveUntil }
            : incident;
    }

    private static Incident Next(Incident incident, IncidentState state) => incident with { State = state, Version = incident.Version + 1 };
}
