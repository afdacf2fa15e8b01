using StellaOps.Telemetry.Contracts.Archive;

namespace StellaOps.Telemetry.CaptureWorker.Retention.Api;

/// <summary>A page of a plan.</summary>
/// <param name="Next">Where the next one begins; null: this is the last.</param>
/// <param name="Unreadable">Chunks that could not be judged for it; a sweep leaves them too.</param>
internal sealed record ArchivePlanPage(IReadOnlyList<ArchivePlanRow> Rows, PlanCursor? Next, IReadOnlyList<ArchiveLeftChunk> Unreadable);
