namespace StellaOps.Telemetry.Contracts.Search;

/// <summary>A line of a search's answer that is no record: how far it is, or, as the last one, what it was worth.</summary>
public sealed record ArchiveSearchNote(ArchiveSearchSummary? Progress = null, ArchiveSearchSummary? Summary = null);

/// <summary>What a search did.</summary>
/// <param name="Complete">Whether all that is asked for and in the archive was shown.</param>
/// <param name="Limited">Whether the limit was met, so that more may be there.</param>
/// <param name="Failure">Why it ended early; null when it did not.</param>
/// <param name="Done">0 to 1, by hours of the window.</param>
/// <param name="Found">Records shown.</param>
/// <param name="SegmentsScanned">Segments that were read.</param>
/// <param name="SegmentsPruned">Segments that hold nothing that is asked for, as their manifests say.</param>
/// <param name="SegmentsSkipped">Segments that were not needed, since the limit was met before them.</param>
/// <param name="SegmentsDamaged">Segments and manifests that are not what they say: nothing of them was shown.</param>
/// <param name="Damages">The first hundred of those, in words.</param>
/// <param name="RecordsScanned">Records in the segments that were read, copies among them.</param>
/// <param name="StoredBytes">Of those segments, as stored.</param>
/// <param name="ContentBytes">Of those segments, decompressed.</param>
public sealed record ArchiveSearchSummary(
    bool Complete,
    bool Limited,
    string? Failure,
    double Done,
    long Found,
    long SegmentsScanned,
    long SegmentsPruned,
    long SegmentsSkipped,
    long SegmentsDamaged,
    IReadOnlyList<string> Damages,
    long RecordsScanned,
    long StoredBytes,
    long ContentBytes);
