namespace StellaOps.Telemetry.OpAmp.Client;

/// <summary>Event ids 1350 to 1399: one id means one event.</summary>
internal static class OpAmpClientEventIds
{
    public const int Connected = 1350;
    public const int Disconnected = 1351;
    public const int ServerRefused = 1352;
    public const int MessageIgnored = 1353;
    public const int MessageTooLarge = 1354;
    public const int Renamed = 1355;
    public const int ConfigOffered = 1356;
}
