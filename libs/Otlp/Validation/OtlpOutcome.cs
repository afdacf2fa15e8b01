namespace StellaOps.Telemetry.Otlp;

/// <summary>What became of a request's bytes.</summary>
public enum OtlpOutcome : byte
{
    /// <summary>A well-formed request within the limits.</summary>
    Valid,

    /// <summary>Not such a request: the sender's fault, never to be retried.</summary>
    Malformed,

    /// <summary>Nested deeper than allowed.</summary>
    TooDeep,

    /// <summary>More records than allowed.</summary>
    TooManyRecords,
}
