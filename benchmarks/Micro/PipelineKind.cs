namespace StellaOps.Telemetry.Benchmarks.Micro;

/// <summary>The pipelines of the speed table.</summary>
internal enum PipelineKind
{
    Passthrough,
    Redaction,
    Sampling,
    Forensic,
}
