namespace StellaOps.Telemetry.Benchmarks.LoadGenerator.Running;

/// <summary>What drives one connection.</summary>
internal interface ILoop
{
    Counters Counters { get; }

    /// <summary>Sends until it is told to stop; returns when nothing is in flight.</summary>
    void Run();
}
