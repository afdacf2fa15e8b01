namespace StellaOps.Telemetry.Replay.Batches;

/// <summary>How a bundle is cut into batches: a pure function of the bundle and of these, so that a replay that goes on cuts as it did before.</summary>
/// <param name="MaxRecords">Records in a batch, at most.</param>
/// <param name="MaxBytes">Bytes of a batch, at most; a record above it is a batch by itself.</param>
/// <param name="ByTime">
/// Whether signals are merged by event time, with no batch beyond one second of it. Else the bundle's own order: logs, metrics, traces, each by
/// event time.
/// </param>
public sealed record ReplayBatching(int MaxRecords = ReplayBatching.UsualRecords, int MaxBytes = ReplayBatching.UsualBytes, bool ByTime = false)
{
    /// <summary>Records in a batch, where nobody says otherwise.</summary>
    public const int UsualRecords = 500;

    /// <summary>Bytes of a batch, where nobody says otherwise: below the 4 MiB that a gRPC server takes by default.</summary>
    public const int UsualBytes = 1024 * 1024;
}
