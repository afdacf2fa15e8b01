using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.CaptureWorker.Retention.Policy;

namespace StellaOps.Telemetry.CaptureWorker.Retention.Api;

/// <summary>What the plan's handler uses.</summary>
internal sealed class ArchivePlanServices(IObjectStore store, ArchivePlanReader reader, PolicyState policy, TimeProvider time)
{
    public IObjectStore Store { get; } = store;

    public ArchivePlanReader Reader { get; } = reader;

    public PolicyState Policy { get; } = policy;

    public TimeProvider Time { get; } = time;
}
