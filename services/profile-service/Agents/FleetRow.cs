using System.Text.Json;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Fleet;

namespace StellaOps.Telemetry.ProfileService.Agents;

/// <summary>An agent with the deployments that its hashes are.</summary>
internal sealed record FleetRow(
    Guid Uid,
    string Kind,
    string? Version,
    string Labels,
    bool Connected,
    bool Manageable,
    string Transport,
    string? DesiredHash,
    string? ReceivedHash,
    string? RunningHash,
    long? DesiredCounter,
    string? DesiredProfile,
    long? DesiredVersion,
    long? RunningCounter,
    string? RunningProfile,
    long? RunningVersion,
    string Status,
    string? Error,
    string? Health,
    DateTime FirstSeenAt,
    DateTime LastSeenAt)
{
    public const string Select =
        $"""
        SELECT a.uid AS Uid, a.kind AS Kind, a.version AS Version, a.labels::text AS Labels, ({AgentLiveness.Sql}) AS Connected, a.manageable AS Manageable, a.transport AS Transport,
            CASE WHEN a.kind = '{KnownFleet.Gateway}' THEN d.gateway_hash ELSE d.collector_hash END AS DesiredHash, a.received_hash AS ReceivedHash, a.running_hash AS RunningHash,
            d.counter AS DesiredCounter, d.profile AS DesiredProfile, d.version AS DesiredVersion, r.counter AS RunningCounter, r.profile AS RunningProfile, r.version AS RunningVersion,
            a.status AS Status, a.error AS Error, a.health::text AS Health, a.first_seen_at AS FirstSeenAt, a.last_seen_at AS LastSeenAt
        FROM profile.agents a
        LEFT JOIN profile.desired w ON w.uid = a.uid
        LEFT JOIN profile.deployments d ON d.counter = w.counter
        LEFT JOIN profile.deployments r ON r.counter = coalesce(
            (SELECT g.counter FROM profile.deployments g WHERE g.gateway_hash = a.running_hash), (SELECT c.counter FROM profile.deployments c WHERE c.collector_hash = a.running_hash))
        """;

    public AgentResponse ToResponse() => new(
        Uid.ToString("D"),
        Kind,
        Version,
        JsonSerializer.Deserialize(Labels, ContractsJson.Default.DictionaryStringString)!,
        Connected,
        Transport,
        Manageable,
        Kind == KnownFleet.Gateway,
        DesiredHash,
        ReceivedHash,
        RunningHash,
        DesiredHash is null ? null : new AgentDeployment(DesiredProfile!, DesiredVersion!.Value, DesiredCounter!.Value),
        RunningCounter is { } running ? new AgentDeployment(RunningProfile!, RunningVersion!.Value, running) : null,
        DesiredHash is not null && DesiredHash != RunningHash,
        Enum.Parse<AgentConfigStatus>(Status),
        Error,
        AgentRow.HealthOf(Health),
        new DateTimeOffset(FirstSeenAt, TimeSpan.Zero),
        new DateTimeOffset(LastSeenAt, TimeSpan.Zero));
}
