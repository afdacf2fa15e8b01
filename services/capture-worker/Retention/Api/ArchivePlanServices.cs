using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.CaptureWorker.Retention.Leaving;
using StellaOps.Telemetry.CaptureWorker.Retention.Policy;

namespace StellaOps.Telemetry.CaptureWorker.Retention.Api;

/// <summary>What the plan's handler uses.</summary>
internal sealed class ArchivePlanServices(IObjectStore store, ArchivePlanReader reader, LeftChunkStore left, PolicyState policy, TimeProvider time)
{
    public IObjectStore Store { get; } = store;

    public ArchivePlanReader Reader { get; } = reader;

    public LeftChunkStore Left { get; } = left;

    public PolicyState Policy { get; } = policy;

    public TimeProvider Time { get; } = time;
}
