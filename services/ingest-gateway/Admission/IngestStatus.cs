namespace StellaOps.Telemetry.IngestGateway.Admission;

/// <summary>What became of a request. Each has one answer per protocol (<see cref="IngestAnswers"/>) and one label.</summary>
internal enum IngestStatus
{
    Accepted,

    // The sender's identity.
    Unauthenticated,
    ScopeMissing,
    TenantNotSingle,
    TenantUnknown,
    TenantDisabled,
    ReplayNotAllowed,

    // The sender's bytes.
    Malformed,
    TooDeep,
    TooManyRecords,
    RequestTooLarge,
    DecompressedTooLarge,
    BadCompression,
    UnsupportedCompression,
    UnsupportedMediaType,
    UnknownMethod,

    // Ours; all retryable.
    NotReady,
    Overloaded,
    TenantShareExceeded,
    LogFull,
    DiskFailed,
    Stopping,
    Failed,
}
