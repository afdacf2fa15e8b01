using System.Text.Json;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Rollouts;

namespace StellaOps.Telemetry.ProfileService.Rollouts;

/// <summary>One agent of a rollout as it stands in the database.</summary>
internal sealed record RolloutMemberRow(
    Guid Uid, int Batch, string State, long? Before, long? Revert, TimeSpan Silent, TimeSpan Unhealthy, string Baseline, string? Error, DateTime? OfferedAt, DateTime? SettledAt)
{
    public const string Columns =
        """
        uid AS Uid, batch AS Batch, state AS State, before AS Before, revert AS Revert, silent AS Silent, unhealthy AS Unhealthy, baseline::text AS Baseline, error AS Error,
        offered_at AS OfferedAt, settled_at AS SettledAt
        """;

    public RolloutMember ToMember() => new(Uid.ToString("D"), Batch, Enum.Parse<RolloutAgentState>(State))
    {
        Before = Before,
        Revert = Revert,
        Silent = Silent,
        Unhealthy = Unhealthy,
        Baseline = Baseline == "{}" ? RolloutMember.NoMetrics : JsonSerializer.Deserialize(Baseline, ContractsJson.Default.DictionaryStringDouble)!,
        Error = Error,
        OfferedAt = OfferedAt is { } offered ? new DateTimeOffset(offered, TimeSpan.Zero) : null,
        SettledAt = SettledAt is { } settled ? new DateTimeOffset(settled, TimeSpan.Zero) : null,
    };
}
