namespace StellaOps.Telemetry.Archive.Segments;

/// <summary>Why a segment was written; the end of its name.</summary>
public static class KnownTiers
{
    /// <summary>What sampling kept.</summary>
    public const string Default = "default";

    /// <summary>Everything that a gateway's log held of a window, sampled or not.</summary>
    public const string Promoted = "promoted";
}
