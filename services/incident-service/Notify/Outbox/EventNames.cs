using System.Text.Json;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Notifications;

namespace StellaOps.Telemetry.IncidentService.Notify.Outbox;

/// <summary>What a change of an incident is called outside.</summary>
internal static class EventNames
{
    /// <summary>The name by the state that it led to; while it is active the action says more.</summary>
    public static string Of(IncidentState state, string action) => (state, action) switch
    {
        (IncidentState.Active, "start") => KnownNotifications.Started,
        (IncidentState.Active, "extend") => KnownNotifications.Extended,
        (IncidentState.Active, _) => KnownNotifications.Updated,
        _ => JsonNamingPolicy.KebabCaseLower.ConvertName(state.ToString()),
    };
}
