namespace StellaOps.Telemetry.ProfileService;

/// <summary>Event ids 1100 to 1199: one id means one event.</summary>
internal static class EventIds
{
    public const int SystemTenantSeeded = 1100;
    public const int ListenFailed = 1101;
    public const int StoredBytesChanged = 1110;
    public const int RolloutMoved = 1120;
    public const int RolloutsStandStill = 1121;
    public const int RolloutBlocked = 1122;
    public const int GlassBroken = 1123;
    public const int AgentJoined = 1130;
    public const int AgentRefused = 1131;
    public const int AgentsNotWritten = 1132;
    public const int DesiredNotRead = 1133;
    public const int DeploymentNotServed = 1134;
    public const int AgentUidOfAnother = 1135;
    public const int AgentsForgotten = 1136;
    public const int TrustInForce = 1140;
    public const int TrustRefused = 1141;
}
