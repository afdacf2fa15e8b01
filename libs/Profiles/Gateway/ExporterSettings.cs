namespace StellaOps.Telemetry.Profiles.Gateway;

/// <summary>Where kept records go.</summary>
public abstract record ExporterSettings(string Name);

/// <summary>The archive: a segment is closed at this size of content or age, whichever comes first.</summary>
public sealed record ArchiveExporterSettings(string Name, long MaxSegmentBytes, TimeSpan MaxSegmentAge) : ExporterSettings(Name);

/// <summary>The process's own log: what is kept, in numbers.</summary>
/// <param name="IsDetailed">Names some of the records as well.</param>
/// <param name="MaxRecords">The most that are named in one line of the log.</param>
public sealed record DebugExporterSettings(string Name, bool IsDetailed, int MaxRecords) : ExporterSettings(Name);
