namespace StellaOps.Telemetry.OpAmp.Tracking;

/// <summary>Parts of an agent's state that a message may carry or omit.</summary>
[Flags]
public enum AgentParts
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary><c>agent_description</c>.</summary>
    Description = 1 << 0,

    /// <summary><c>capabilities</c>.</summary>
    Capabilities = 1 << 1,

    /// <summary><c>health</c>.</summary>
    Health = 1 << 2,

    /// <summary><c>effective_config</c>.</summary>
    EffectiveConfig = 1 << 3,

    /// <summary><c>remote_config_status</c>.</summary>
    RemoteConfigStatus = 1 << 4,

    /// <summary><c>package_statuses</c>.</summary>
    PackageStatuses = 1 << 5,

    /// <summary><c>custom_capabilities</c>.</summary>
    CustomCapabilities = 1 << 6,

    /// <summary><c>available_components</c>.</summary>
    AvailableComponents = 1 << 7,

    /// <summary><c>connection_settings_status</c>.</summary>
    ConnectionSettingsStatus = 1 << 8,

    /// <summary>Whether it has said that it goes (<c>agent_disconnect</c>).</summary>
    Presence = 1 << 9,
}
