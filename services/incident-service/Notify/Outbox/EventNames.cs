using System.Text.Json;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Notifications;

namespace StellaOps.Telemetry.IncidentService.Notify.Outbox;

/// <summary>What a change of an incident is called outside.</summary>
internal static class EventNames
{
    /// <summary>
    /// The name by the action, where that says more than the state that it led to. Null: nobody is told. That gateways were told is no news to
    /// people, who were told of the start; that they could not be is in the incident's state.
    /// </summary>
    public static string? Of(IncidentState state, string action) => (action, state) switch
    {
        ("start", _) => KnownNotifications.Started,
        ("activate", _) => null,

        // Closed in the same moment, which is told.
        ("stop-now", IncidentState.CoolingDown) => null,
        ("extend" or "fire", _) => KnownNotifications.Extended,
        (_, IncidentState.Requested or IncidentState.Active) => KnownNotifications.Updated,
        _ => JsonNamingPolicy.KebabCaseLower.ConvertName(state.ToString()),
    };
}
