using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.CaptureWorker.Reading;

/// <summary>What the archive held of a job's window.</summary>
/// <param name="Chunks">The segments that were read.</param>
/// <param name="Missing">Those that could not be.</param>
/// <param name="Replays">The ids of the replays that records came by; the first few.</param>
internal sealed record WindowContent(
    IReadOnlyDictionary<Signal, SignalContent> Signals, IReadOnlyList<ChunkManifest> Chunks, IReadOnlyList<MissingChunk> Missing, IReadOnlyCollection<string> Replays) : IDisposable
{
    public void Dispose()
    {
        foreach (var signal in Signals.Values)
        {
            signal.Dispose();
        }
    }
}
