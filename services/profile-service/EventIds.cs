namespace StellaOps.Telemetry.ProfileService;

/// <summary>Event ids 1100 to 1199: one id means one event.</summary>
internal static class EventIds
{
    public const int SystemTenantSeeded = 1100;
    public const int ListenFailed = 1101;
}
