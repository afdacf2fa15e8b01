namespace StellaOps.Telemetry.Profiles.Hooks;

/// <summary>Who reports.</summary>
public enum HookSource
{
    /// <summary>Prometheus' Alertmanager, by its webhook.</summary>
    Alertmanager,

    /// <summary>An orchestrator, by signed CloudEvents.</summary>
    Orchestrator,
}
