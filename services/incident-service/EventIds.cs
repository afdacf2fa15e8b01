namespace StellaOps.Telemetry.IncidentService;

/// <summary>Event ids 1200 to 1299: one id means one event.</summary>
internal static class EventIds
{
    public const int Published = 1200;
    public const int PublishFailed = 1201;
    public const int Healed = 1202;
    public const int Moved = 1210;
    public const int ExpiryFailed = 1211;
}
