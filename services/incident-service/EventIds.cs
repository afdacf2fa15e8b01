namespace StellaOps.Telemetry.IncidentService;

/// <summary>Event ids 1200 to 1299: one id means one event.</summary>
internal static class EventIds
{
    public const int Published = 1200;
    public const int PublishFailed = 1201;
    public const int Healed = 1202;
    public const int Moved = 1210;
    public const int ExpiryFailed = 1211;
    public const int NotifyTargetsInForce = 1220;
    public const int NotifyTargetsRefused = 1221;
    public const int NotifyWaiting = 1222;
    public const int NotifyDelivered = 1223;
    public const int NotifyFailed = 1224;
    public const int NotifyDead = 1225;
    public const int NotifyUnexpected = 1226;
    public const int NotifyEscalated = 1227;
    public const int NotifyNotRecorded = 1228;
    public const int NotifyDropped = 1229;
}
