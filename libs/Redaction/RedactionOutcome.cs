namespace StellaOps.Telemetry.Redaction;

/// <summary>What became of one Export request.</summary>
public enum RedactionOutcome
{
    /// <summary>No rule matched; nothing was written, use the request as it came.</summary>
    Unchanged,

    /// <summary>Rules matched; the redacted request was written to the output.</summary>
    Changed,

    /// <summary>The bytes are no Export request, or nest too deeply; nothing was written.</summary>
    Malformed,
}
