using System.Text.Json.Serialization;

namespace StellaOps.Telemetry.Archive.Tombstones;

/// <summary>Why a chunk was taken away.</summary>
public enum TombstoneReason
{
    /// <summary>It was older than its tier is kept.</summary>
    [JsonStringEnumMemberName("expired")]
    Expired,

    /// <summary>Its tenant's tier took more room than it may.</summary>
    [JsonStringEnumMemberName("size")]
    Size,

    /// <summary>Its frames stand in other chunks now.</summary>
    [JsonStringEnumMemberName("compacted")]
    Compacted,
}
