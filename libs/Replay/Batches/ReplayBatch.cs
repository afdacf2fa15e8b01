using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.Replay.Batches;

/// <summary>Consecutive records of one signal, as one Export request.</summary>
/// <param name="Ordinal">Its place in the replay, from 0.</param>
/// <param name="Request">Valid until the next batch is read.</param>
/// <param name="FirstEventTimeUnixNano">Event time of its first record, as it stands in the bundle: unix nanoseconds, 0 when it has none.</param>
public readonly record struct ReplayBatch(long Ordinal, Signal Signal, int Records, Memory<byte> Request, ulong FirstEventTimeUnixNano);
