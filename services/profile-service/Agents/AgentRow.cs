using System.Text.Json;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Fleet;
using StellaOps.Telemetry.OpAmp;

namespace StellaOps.Telemetry.ProfileService.Agents;

/// <summary>An agent as it stands in the database.</summary>
internal sealed record AgentRow(
    Guid Uid,
    string Kind,
    string? Version,
    string Labels,
    string Transport,
    bool Connected,
    bool Manageable,
    string? ReceivedHash,
    string Status,
    string? Error,
    string? RunningHash,
    string? RefusedHash,
    string? Health,
    DateTime FirstSeenAt,
    DateTime LastSeenAt)
{
    public const string Columns =
        """
        uid AS Uid, kind AS Kind, version AS Version, labels::text AS Labels, transport AS Transport, connected AS Connected, manageable AS Manageable, received_hash AS ReceivedHash,
        status AS Status, error AS Error, running_hash AS RunningHash, refused_hash AS RefusedHash, health::text AS Health, first_seen_at AS FirstSeenAt, last_seen_at AS LastSeenAt
        """;

    public AgentRecord ToRecord() => new(
        new InstanceUid(Uid),
        Kind,
        Version,
        JsonSerializer.Deserialize(Labels, ContractsJson.Default.DictionaryStringString)!,
        Transport,
        Connected,
        Manageable,
        ReceivedHash,
        Enum.Parse<AgentConfigStatus>(Status),
        Error,
        RunningHash,
        RefusedHash,
        HealthOf(Health),
        new DateTimeOffset(FirstSeenAt, TimeSpan.Zero),
        new DateTimeOffset(LastSeenAt, TimeSpan.Zero));

    public static AgentHealth? HealthOf(string? json) => json is null ? null : JsonSerializer.Deserialize(json, ContractsJson.Default.AgentHealth);
}
