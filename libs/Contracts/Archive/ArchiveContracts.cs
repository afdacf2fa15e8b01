using System.Text.Json.Serialization;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Contracts.Archive;

/// <summary>What becomes of a chunk of the archive.</summary>
public enum ArchiveAction
{
    /// <summary>It stays.</summary>
    [JsonStringEnumMemberName("keep")]
    Keep,

    /// <summary>A rule would take it, and a hold or a running capture keeps it.</summary>
    [JsonStringEnumMemberName("held")]
    Held,

    /// <summary>It is rewritten smaller.</summary>
    [JsonStringEnumMemberName("warm")]
    Warm,

    /// <summary>It goes, being older than it is kept.</summary>
    [JsonStringEnumMemberName("expire")]
    Expire,

    /// <summary>It goes, its tenant having more than it may.</summary>
    [JsonStringEnumMemberName("size")]
    Size,
}

/// <summary>How compactly a chunk is stored.</summary>
public enum ArchiveTemperature
{
    /// <summary>As it was written.</summary>
    [JsonStringEnumMemberName("hot")]
    Hot,

    /// <summary>Rewritten smaller.</summary>
    [JsonStringEnumMemberName("warm")]
    Warm,
}

/// <summary>What a tenant has in the archive, of one signal, tier and temperature.</summary>
/// <param name="StoredBytes">Compressed.</param>
/// <param name="ContentBytes">Uncompressed.</param>
/// <param name="Oldest">Accepted-at of the earliest record.</param>
/// <param name="Newest">Accepted-at of the latest record.</param>
/// <param name="HeldChunks">Those that a hold or a running capture covers.</param>
/// <param name="HeldBytes">Their stored bytes.</param>
public sealed record ArchiveUsageRow(
    TenantId Tenant,
    Signal Signal,
    string Tier,
    ArchiveTemperature Temperature,
    long Chunks,
    long Records,
    long StoredBytes,
    long ContentBytes,
    DateTimeOffset Oldest,
    DateTimeOffset Newest,
    long HeldChunks,
    long HeldBytes);

/// <summary>What becomes of the chunks of one hour, tier and rule.</summary>
/// <param name="Hour">The hour in which the records were accepted.</param>
/// <param name="Rule">The profile's rule, in words.</param>
/// <param name="At">When the first of them goes, or would without the holds.</param>
/// <param name="HeldBy">Ids of holds and captures that keep them.</param>
/// <param name="Segment">Of a single chunk, where chunks were asked for.</param>
public sealed record ArchivePlanRow(
    TenantId Tenant,
    DateTimeOffset Hour,
    Signal Signal,
    string Tier,
    ArchiveAction Action,
    string Rule,
    DateTimeOffset At,
    long Chunks,
    long Records,
    long StoredBytes,
    IReadOnlyList<string> HeldBy,
    string? Segment = null);

/// <summary>What will go from the archive, and what is kept although a rule would take it; oldest first, tenant by tenant.</summary>
/// <param name="AsOf">The moment that the plan was made for; the pages of one plan have the same.</param>
/// <param name="Until">What goes after it is not told.</param>
/// <param name="Profile">The profile whose rules are in force; null: none is known, and nothing goes.</param>
/// <param name="Fault">Why none is known, or why the last change of it was refused.</param>
/// <param name="Left">Chunks that the last sweeps had to leave (on the first page), and those that could not be judged for this page; at most <see cref="MaxLeft"/>, those that are left the longest first.</param>
public sealed record ArchivePlanResponse(
    DateTimeOffset AsOf, DateTimeOffset Until, string? Profile, string? Fault, IReadOnlyList<ArchivePlanRow> Items, string? NextCursor, IReadOnlyList<ArchiveLeftChunk>? Left = null)
{
    /// <summary>Left chunks of one answer.</summary>
    public const int MaxLeft = 100;
}

/// <summary>A chunk that could not be judged, rewritten or taken away; each sweep tries it again.</summary>
/// <param name="Key">Of its manifest.</param>
/// <param name="What">What stands in the way.</param>
/// <param name="Since">When a sweep left it first.</param>
/// <param name="LastTried">When one did last.</param>
public sealed record ArchiveLeftChunk(TenantId Tenant, string Key, string What, DateTimeOffset Since, DateTimeOffset LastTried);
