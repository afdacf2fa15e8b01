namespace StellaOps.Telemetry.IncidentService.Incidents;

/// <summary>What became of a change.</summary>
internal enum ChangeOutcome
{
    Done,

    /// <summary>There is none, or it is another tenant's.</summary>
    NotFound,

    /// <summary>If-Match named another version.</summary>
    VersionDiffers,

    /// <summary>Its state does not allow this.</summary>
    WrongState,

    /// <summary>The Idempotency-Key was used with another request.</summary>
    KeyReused,
}
