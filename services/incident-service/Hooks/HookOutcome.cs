namespace StellaOps.Telemetry.IncidentService.Hooks;

/// <summary>What became of a step.</summary>
internal enum HookOutcome
{
    Opened,
    Extended,
    Resolved,

    /// <summary>Nothing new, or others still fire, or it is over already.</summary>
    Unchanged,

    /// <summary>A signed message that was taken before.</summary>
    Repeated,

    /// <summary>The id of a signed message that was taken before, with another body.</summary>
    IdReused,
}
