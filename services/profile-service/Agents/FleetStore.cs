using Dapper;
using Npgsql;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Fleet;
using StellaOps.Telemetry.ProfileService.Versions;

namespace StellaOps.Telemetry.ProfileService.Agents;

/// <summary>The fleet view: what agents say beside what they should run.</summary>
internal sealed class FleetStore(NpgsqlDataSource dataSource, TimeProvider time)
{
    /// <summary>Null: no such agent was ever heard of.</summary>
    public async Task<AgentResponse?> FindAsync(Guid uid, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return (await connection.QuerySingleOrDefaultAsync<FleetRow>(new CommandDefinition(
            $"{FleetRow.Select} WHERE a.uid = @uid", new { uid, LiveSince = LiveSince() }, cancellationToken: cancellationToken)))?.ToResponse();
    }

    /// <summary>By uid.</summary>
    public async Task<Page<AgentResponse>> ListAsync(Guid? after, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var rows = (await connection.QueryAsync<FleetRow>(new CommandDefinition(
            $"{FleetRow.Select} WHERE @after::uuid IS NULL OR a.uid > @after ORDER BY a.uid LIMIT @Limit",
            new { after, Limit = limit + 1, LiveSince = LiveSince() },
            cancellationToken: cancellationToken))).AsList();
        return new Page<AgentResponse>([.. rows.Take(limit).Select(r => r.ToResponse())], rows.Count > limit ? rows[limit - 1].Uid.ToString("D") : null);
    }

    public async Task<FleetResponse> SummarizeAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var rows = (await connection.QueryAsync<SummaryRow>(new CommandDefinition(
            $"""
            SELECT count(*)::int AS Agents, f.Connected AS Connected, (f.Health::jsonb ->> 'healthy')::boolean AS Healthy,
                (f.DesiredHash IS NOT NULL AND f.DesiredHash IS DISTINCT FROM f.RunningHash) AS Drifts, f.Status = 'Failed' AS Failed, f.Kind <> '{KnownFleet.Gateway}' AS Unverified,
                f.RunningProfile AS Profile, f.RunningVersion AS Version
            FROM ({FleetRow.Select}) f GROUP BY 2, 3, 4, 5, 6, 7, 8
            """,
            new { LiveSince = LiveSince() },
            cancellationToken: cancellationToken))).AsList();
        var live = rows.Where(r => r.Connected).ToList();
        return new FleetResponse(
            rows.Sum(r => r.Agents),
            live.Sum(r => r.Agents),
            live.Where(r => r.Healthy == true).Sum(r => r.Agents),
            live.Where(r => r.Healthy == false).Sum(r => r.Agents),
            live.Where(r => r.Drifts).Sum(r => r.Agents),
            live.Where(r => r.Failed).Sum(r => r.Agents),
            live.Where(r => r.Unverified).Sum(r => r.Agents),
            live.Where(r => r.Profile is not null)
                .GroupBy(r => VersionTarget.Of(r.Profile!, r.Version!.Value), r => r.Agents)
                .OrderBy(g => g.Key, StringComparer.Ordinal)
                .ToDictionary(g => g.Key, g => g.Sum()));
    }

    private DateTimeOffset LiveSince() => time.GetUtcNow() - AgentLiveness.Silence;

    private sealed record SummaryRow(int Agents, bool Connected, bool? Healthy, bool Drifts, bool Failed, bool Unverified, string? Profile, long? Version);
}
