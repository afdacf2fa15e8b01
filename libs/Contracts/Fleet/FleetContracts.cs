using System.Text.Json.Serialization;

namespace StellaOps.Telemetry.Contracts.Fleet;

/// <summary>What an agent says of the configuration that it was offered last (OpAMP <c>RemoteConfigStatuses</c>).</summary>
public enum AgentConfigStatus
{
    [JsonStringEnumMemberName("unset")]
    Unset,

    [JsonStringEnumMemberName("applied")]
    Applied,

    [JsonStringEnumMemberName("applying")]
    Applying,

    [JsonStringEnumMemberName("failed")]
    Failed,
}

/// <summary>One agent of the fleet.</summary>
/// <param name="Uid">OpAMP instance uid as a UUID.</param>
/// <param name="Kind">Its <c>service.name</c>: <see cref="KnownFleet.Gateway"/> or a Collector's.</param>
/// <param name="Version">Its <c>service.version</c>.</param>
/// <param name="Labels">What selectors look at: its identifying and other attributes.</param>
/// <param name="Connected">Whether it was heard of within three of its heartbeats.</param>
/// <param name="Manageable">Whether it takes configuration from here; otherwise it only reports.</param>
/// <param name="Verifies">Whether it judges signatures itself. A stock Collector does not: its chain of trust ends at the profile service.</param>
/// <param name="DesiredHash">Of the configuration that it should run, lower-case hex; null: none.</param>
/// <param name="ReceivedHash">Of the configuration that it was given last, whatever became of it.</param>
/// <param name="RunningHash">Of the configuration that it last said it applied.</param>
/// <param name="Desired">The deployment with <paramref name="DesiredHash"/>.</param>
/// <param name="Running">The deployment with <paramref name="RunningHash"/>; null: none of ours, or not known.</param>
/// <param name="Drift">Whether it runs something else than it should.</param>
/// <param name="Health">Null: it reports none.</param>
/// <param name="Error">Why it refused what it was given last, in its own words.</param>
public sealed record AgentResponse(
    string Uid,
    string Kind,
    string? Version,
    IReadOnlyDictionary<string, string> Labels,
    bool Connected,
    string Transport,
    bool Manageable,
    bool Verifies,
    string? DesiredHash,
    string? ReceivedHash,
    string? RunningHash,
    AgentDeployment? Desired,
    AgentDeployment? Running,
    bool Drift,
    AgentConfigStatus Status,
    string? Error,
    AgentHealth? Health,
    DateTimeOffset FirstSeenAt,
    DateTimeOffset LastSeenAt);

/// <summary>Which deployment a configuration is.</summary>
public sealed record AgentDeployment(string Profile, long Version, long Counter);

/// <summary>An agent's health as it reports it.</summary>
/// <param name="Troubles">Of its components that are not healthy: <c>name: error</c>.</param>
/// <param name="Metrics">What a gateway counts (<see cref="KnownFleet"/>); empty for others.</param>
public sealed record AgentHealth(bool Healthy, string? Status, string? LastError, IReadOnlyList<string> Troubles, IReadOnlyDictionary<string, double> Metrics);

/// <summary>Answer of <c>GET /api/v1/fleet</c>: the fleet in numbers.</summary>
/// <param name="Unverified">Connected agents that verify no signatures themselves.</param>
/// <param name="Running">What connected agents run: <c>profile@version</c> to how many.</param>
public sealed record FleetResponse(
    int Agents, int Connected, int Healthy, int Unhealthy, int Drifting, int Failed, int Unverified, IReadOnlyDictionary<string, int> Running);
