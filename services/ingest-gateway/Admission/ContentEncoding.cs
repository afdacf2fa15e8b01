namespace StellaOps.Telemetry.IngestGateway.Admission;

/// <summary>How a body is compressed.</summary>
internal enum ContentEncoding
{
    Identity,
    Gzip,
    Zstd,
}
