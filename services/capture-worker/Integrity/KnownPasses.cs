namespace StellaOps.Telemetry.CaptureWorker.Integrity;

/// <summary>What goes over the archive, as metrics name it.</summary>
internal static class KnownPasses
{
    public const string Compaction = "compaction";
    public const string Roots = "roots";

    public static readonly IReadOnlyList<string> All = [Compaction, Roots];
}
