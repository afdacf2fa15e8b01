namespace StellaOps.Telemetry.IngestGateway.Pipeline;

/// <summary>Event ids 2100 to 2199: one id means one event.</summary>
internal static class PipelineEventIds
{
    public const int LogOpened = 2100;
    public const int LogTailCut = 2101;
    public const int LogGap = 2102;
    public const int LogWriteFailed = 2103;
    public const int LogTakesAgain = 2104;
    public const int LogDamaged = 2105;
    public const int Spilled = 2106;
    public const int SpillFailed = 2107;
    public const int SpillGoesOn = 2108;
    public const int SpillDamaged = 2109;
    public const int JournalTailCut = 2110;
    public const int SamplerFailed = 2120;
    public const int SamplerRebuilt = 2121;
    public const int ExporterFailed = 2130;
    public const int ExportRetried = 2131;
    public const int ExportRejected = 2132;
    public const int ExporterRemoved = 2133;
    public const int DeadLetterResent = 2134;
    public const int StoreCredentialsChanged = 2135;
    public const int StoreCredentialsRefused = 2136;
    public const int Debugged = 2137;
    public const int LedgerFailed = 2140;
    public const int ReplaysUnreadable = 2150;
    public const int ReplayForgotten = 2151;
}
