using StellaOps.Telemetry.Archive.Segments;

namespace StellaOps.Telemetry.Archive.Compaction;

/// <summary>Chunks that were joined.</summary>
public sealed record CompactionResult(IReadOnlyList<ChunkManifest> Replaced, ChunkManifest By);
