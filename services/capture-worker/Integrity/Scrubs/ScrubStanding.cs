namespace StellaOps.Telemetry.CaptureWorker.Integrity.Scrubs;

/// <summary>How the archive stands, as the last scrub of all of it found it, and narrower ones since.</summary>
/// <param name="WholeAt">When the last one of all of it ended; null: none did.</param>
/// <param name="Findings">By kind, the most that any of them found; a kind that none found is not there.</param>
internal sealed record ScrubStanding(DateTimeOffset? WholeAt, IReadOnlyDictionary<string, long> Findings);
