namespace StellaOps.Telemetry.Contracts.Notifications;

/// <summary>What people and machines are told about incidents (docs/notifications.md).</summary>
public static class KnownNotifications
{
    /// <summary>It was opened: at once, whether gateways can be told or not, so its state may be <c>requested</c> still.</summary>
    public const string Started = "started";
    public const string Extended = "extended";

    /// <summary>Changed in a way that none of the other names says.</summary>
    public const string Updated = "updated";
    public const string Acknowledged = "acknowledged";

    /// <summary>Nobody acknowledged it in time: told to those whom a target escalates to, and to nobody else.</summary>
    public const string Escalated = "escalated";
    public const string CoolingDown = "cooling-down";
    public const string Closed = "closed";
    public const string Expired = "expired";
    public const string Superseded = "superseded";

    /// <summary>CloudEvents <c>source</c> of every event.</summary>
    public const string Source = "urn:stella-ops:telemetry:incident-service";

    /// <summary>CloudEvents structured mode.</summary>
    public const string CloudEventsMediaType = "application/cloudevents+json";

    /// <summary>Names that a target may ask for; <see cref="Escalated"/> is not asked for.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [Started, Extended, Updated, Acknowledged, CoolingDown, Closed, Expired, Superseded];

    /// <summary>Whether the incident is over with this event.</summary>
    public static bool IsEnd(string name) => name is Closed or Expired or Superseded;

    /// <summary>CloudEvents <c>type</c> of an event.</summary>
    public static string TypeOf(string name) => $"org.stella-ops.telemetry.incident.{name}.v1";
}
