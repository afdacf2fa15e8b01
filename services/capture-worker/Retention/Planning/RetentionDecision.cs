using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Contracts.Archive;

namespace StellaOps.Telemetry.CaptureWorker.Retention.Planning;

/// <summary>What becomes of one chunk.</summary>
/// <param name="Rule">In words; empty where no rule applies.</param>
/// <param name="AtUnixNano">From when on; of what stays by a hold: when it would have gone.</param>
/// <param name="HeldBy">What keeps it, although a rule would take it.</param>
internal sealed record RetentionDecision(ChunkManifest Chunk, ArchiveAction Action, string Rule, long AtUnixNano, IReadOnlyList<string> HeldBy);
