namespace StellaOps.Telemetry.OpAmp.Server;

/// <summary>Event ids 1300 to 1349: one id means one event.</summary>
internal static class OpAmpEventIds
{
    public const int MessageRefused = 1300;
    public const int HandlingFailed = 1301;
    public const int AnswerTooLarge = 1302;
    public const int ConnectionEnded = 1303;
    public const int TooManyConnections = 1304;
}
