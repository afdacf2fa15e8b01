namespace StellaOps.Telemetry.Benchmarks.Micro;

/// <summary>Something that is done for every request.</summary>
/// <param name="Name">As in <c>benchmarks/budgets.json</c> and docs/hot-paths.md.</param>
/// <param name="Run">Does it for one request of <see cref="Records"/> spans.</param>
public sealed record HotPath(string Name, Action Run)
{
    /// <summary>Of each request.</summary>
    public const int Records = Load.TraceLoad.SpansPerRequest;
}
