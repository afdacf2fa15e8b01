using StellaOps.Telemetry.Contracts.Archive;

namespace StellaOps.Telemetry.CaptureWorker.Retention.Removing;

/// <summary>What of a row of <c>capture.removals</c> is needed to finish it.</summary>
internal sealed record Removal(string ManifestKey, string Tenant, ArchiveAction Action, bool IsRemoved);
