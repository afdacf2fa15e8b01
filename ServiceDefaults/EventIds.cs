namespace StellaOps.Telemetry.ServiceDefaults;

/// <summary>Event ids 1000 to 1099: one id means one event.</summary>
internal static class EventIds
{
    public const int JwksLoaded = 1000;
    public const int JwksUnreadable = 1001;
    public const int ParentGone = 1010;
    public const int DatabaseMigrated = 1020;
    public const int DatabaseWaiting = 1021;
}
