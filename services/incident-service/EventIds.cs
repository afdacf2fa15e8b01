namespace StellaOps.Telemetry.IncidentService;

/// <summary>Event ids 1200 to 1299: one id means one event.</summary>
internal static class EventIds
{
    public const int Published = 1200;
    public const int PublishFailed = 1201;
    public const int Healed = 1202;
    public const int Moved = 1210;
    public const int ExpiryFailed = 1211;
    public const int RateStepped = 1220;
    public const int ThrottleFailed = 1221;
    public const int EvidenceDone = 1230;
    public const int EvidenceRefused = 1231;
    public const int EvidenceFailed = 1232;
    public const int HooksInForce = 1240;
    public const int HooksRefused = 1241;
    public const int HookDone = 1242;
    public const int HookIgnored = 1243;
    public const int HookDeliveryRefused = 1244;
    public const int HookFailed = 1245;
    public const int NotifyTargetsInForce = 1250;
    public const int NotifyTargetsRefused = 1251;
    public const int NotifyWaiting = 1252;
    public const int NotifyDelivered = 1253;
    public const int NotifyFailed = 1254;
    public const int NotifyDead = 1255;
    public const int NotifyUnexpected = 1256;
    public const int NotifyEscalated = 1257;
    public const int NotifyNotRecorded = 1258;
    public const int NotifyDropped = 1259;
}
