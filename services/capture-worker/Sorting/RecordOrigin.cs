namespace StellaOps.Telemetry.CaptureWorker.Sorting;

/// <summary>Where a record was logged: which gateway (as a number of this job), at which place of its log, as which record of the batch.</summary>
internal readonly record struct RecordOrigin(int Gateway, ulong Sequence, int Index);
