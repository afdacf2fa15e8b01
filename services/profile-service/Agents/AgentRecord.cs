using StellaOps.Telemetry.Contracts.Fleet;
using StellaOps.Telemetry.OpAmp;

namespace StellaOps.Telemetry.ProfileService.Agents;

/// <summary>What is kept of an agent.</summary>
/// <param name="Manageable">Whether it takes configuration from a server.</param>
/// <param name="RunningHash">Of the configuration that it last said it applied; null: none.</param>
/// <param name="RefusedHash">Of the configuration that it last said it could not apply; it is not offered to it again.</param>
/// <param name="Error">Why not, in its own words; null once it applied another.</param>
internal sealed record AgentRecord(
    InstanceUid Uid,
    string Kind,
    string? Version,
    IReadOnlyDictionary<string, string> Labels,
    string Transport,
    bool Connected,
    bool Manageable,
    string? ReceivedHash,
    AgentConfigStatus Status,
    string? Error,
    string? RunningHash,
    string? RefusedHash,
    AgentHealth? Health,
    DateTimeOffset FirstSeenAt,
    DateTimeOffset LastSeenAt)
{
    public bool IsGateway => Kind == KnownFleet.Gateway;
}
