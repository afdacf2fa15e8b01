using Google.Protobuf;
using StellaOps.Telemetry.OpAmp.Model;

namespace StellaOps.Telemetry.OpAmp.Tracking;

/// <summary>
/// What is known of an agent: each part as it was said last, null when it never was. A server that keeps a part elsewhere may blank it here;
/// it then counts as changed when it comes again.
/// </summary>
public sealed record AgentState(InstanceUid Uid, ulong SequenceNum)
{
    /// <summary>Bits of <see cref="AgentCapabilities"/>, unknown ones included.</summary>
    public ulong Capabilities { get; init; }

    public AgentDescription? Description { get; init; }

    public ComponentHealth? Health { get; init; }

    public EffectiveConfig? EffectiveConfig { get; init; }

    public RemoteConfigStatus? RemoteConfigStatus { get; init; }

    public PackageStatuses? PackageStatuses { get; init; }

    public CustomCapabilities? CustomCapabilities { get; init; }

    public ConnectionSettingsStatus? ConnectionSettingsStatus { get; init; }

    /// <summary>Names the set of components; what is in it is kept once for all agents that have it.</summary>
    public ByteString ComponentsHash { get; init; } = ByteString.Empty;

    /// <summary>False once it said that it goes.</summary>
    public bool IsPresent { get; init; } = true;

    /// <summary>The hash of the last configuration that it received; empty when it received none.</summary>
    public ByteString LastConfigHash => RemoteConfigStatus?.LastRemoteConfigHash ?? ByteString.Empty;

    /// <summary>Whether it can do this.</summary>
    public bool Can(AgentCapabilities capability) => (Capabilities & (ulong)capability) != 0;
}
