namespace StellaOps.Telemetry.CaptureWorker;

/// <summary>Event ids 4000 to 4099: one id means one event.</summary>
internal static class EventIds
{
    public const int JobStarted = 4000;
    public const int JobSucceeded = 4001;
    public const int JobFailed = 4002;
    public const int JobRetried = 4003;
    public const int JobLost = 4004;
    public const int JobReleased = 4005;
    public const int LoopFailed = 4006;
    public const int LeaseNotRenewed = 4007;
    public const int JobCancelled = 4040;
    public const int JobAbandoned = 4041;
    public const int WorkRemoved = 4042;
    public const int SweepFailed = 4043;
    public const int WorkNotRemoved = 4044;
    public const int GatewaysUnknown = 4010;
    public const int AckRefused = 4011;
    public const int RedisUnreachable = 4012;
    public const int ProvenanceIncomplete = 4020;
    public const int HoldPromoted = 4030;
    public const int HoldReleased = 4031;
    public const int HoldsFailed = 4032;
    public const int RootsWritten = 4050;
    public const int RootChainDamaged = 4051;
    public const int RootLeafDamaged = 4052;
    public const int RootsFailed = 4053;
    public const int ChunksJoined = 4054;
    public const int CompactionLeft = 4055;
    public const int CompactionFailed = 4056;
    public const int ScrubStarted = 4070;
    public const int ScrubEnded = 4071;
    public const int ScrubFound = 4072;
    public const int ScrubRetried = 4073;
    public const int ScrubFailed = 4074;
    public const int ScrubsFailed = 4075;
    public const int SearchFailed = 4090;
    public const int ExportFailed = 4091;
    public const int RetentionOff = 4060;
    public const int RetentionPolicyInForce = 4061;
    public const int RetentionPolicyUnknown = 4063;
    public const int RetentionRemoved = 4064;
    public const int RetentionRecovered = 4065;
    public const int RetentionLeft = 4066;
    public const int RetentionTenantFailed = 4068;
    public const int RetentionFailed = 4069;
    public const int TimestampUnanswered = 4092;
    public const int SignedWithoutTime = 4093;
}
