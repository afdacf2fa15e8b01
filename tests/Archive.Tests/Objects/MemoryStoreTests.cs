using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Tests.TestServices;

namespace StellaOps.Telemetry.Archive.Tests.Objects;

/// <summary>The stand-in behaves as a store does.</summary>
public sealed class MemoryStoreTests : ObjectStoreConformance
{
    protected override IObjectStore Store { get; } = new MemoryStore();
}
