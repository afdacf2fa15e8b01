namespace StellaOps.Telemetry.CaptureWorker.Retention.Leaving;

/// <summary>A chunk that a sweep left, or what stands in its place.</summary>
/// <param name="IsDamaged">It cannot be believed, and the scrubber finds it too; otherwise the store would not read, write or delete it.</param>
internal sealed record LeftChunk(string What, bool IsDamaged);
