namespace StellaOps.Telemetry.Archive.Objects.S3;

/// <summary>A request to the archive's server failed for good, or more often than is tried.</summary>
public sealed class S3StoreException(string message, Exception? inner = null) : IOException(message, inner);
