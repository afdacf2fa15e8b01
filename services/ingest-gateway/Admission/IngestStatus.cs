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
    ReplayIntoLiveTenant,
    LiveIntoReplayTarget,
    CertificateRefused,
    TenantMismatch,

    /// <summary>Retryable, on a new connection with the certificate that the sender has by now.</summary>
    CertificateEnded,

    // The sender's bytes.
    Malformed,
    TooDeep,
    TooManyRecords,
    RequestTooLarge,
    DecompressedTooLarge,
    BadCompression,
    CompressionNotNamed,
    UnsupportedCompression,
    UnsupportedMediaType,
    UnknownMethod,
    BadQuery,

    /// <summary>The replay had another batch of that ordinal.</summary>
    ReplayConflict,

    // Of those who wait for another rate there are enough; they come again.
    TooManyWait,
    TenantWaitsEnough,

    // Ours, from here to the end; all retryable.
    NotReady,
    Overloaded,
    ReplayInFlight,
    BodyTooSlow,
    TenantBusy,
    QuotaExceeded,
    TenantShareExceeded,
    LogFull,
    DiskFailed,
    Stopping,
    Failed,
}
