using System.Text.Json;
using Npgsql;
using StackExchange.Redis;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.ServiceDefaults.Redis;

namespace StellaOps.Telemetry.CaptureWorker.Gateways;

/// <summary>
/// Which gateways there are: heartbeats in Redis, remembered in PostgreSQL, so that one which Redis has forgotten is still asked, and missed
/// when it does not answer.
/// </summary>
internal sealed class GatewayRegistry(NpgsqlDataSource dataSource, RedisConnection redis, TimeProvider time)
{
    // Heartbeats come every few seconds: one seen this long before a window began may have accepted its first records.
    private static readonly TimeSpan s_margin = TimeSpan.FromMinutes(1);

    /// <summary>Takes note of the heartbeats that Redis holds now.</summary>
    public async Task RememberAsync(CancellationToken cancellationToken)
    {
        foreach (var field in await (await redis.GetDatabaseAsync(cancellationToken)).HashGetAllAsync(KnownRedis.Gateways))
        {
            if (field.Name.ToString() is { Length: > 0 and <= 128 } id)
            {
                await UpsertAsync(id, LastSeen(field.Value), cancellationToken);
            }
        }
    }

    /// <summary>The gateways that may have accepted something since then.</summary>
    public async Task<IReadOnlyList<string>> KnownSinceAsync(DateTimeOffset from, CancellationToken cancellationToken)
    {
        await using var select = dataSource.CreateCommand("SELECT gateway_id FROM capture.gateways WHERE last_seen_at >= $1 ORDER BY gateway_id COLLATE \"C\"");
        select.Parameters.Add(new NpgsqlParameter { Value = from - s_margin });
        var ids = new List<string>();
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            ids.Add(reader.GetString(0));
        }

        return ids;
    }

    private async Task UpsertAsync(string id, DateTimeOffset lastSeen, CancellationToken cancellationToken)
    {
        await using var upsert = dataSource.CreateCommand(
            """
            INSERT INTO capture.gateways (gateway_id, first_seen_at, last_seen_at) VALUES ($1, $2, $2)
            ON CONFLICT (gateway_id) DO UPDATE SET last_seen_at = greatest(capture.gateways.last_seen_at, excluded.last_seen_at)
            """);
        upsert.Parameters.Add(new NpgsqlParameter { Value = id });
        upsert.Parameters.Add(new NpgsqlParameter { Value = lastSeen });
        await upsert.ExecuteNonQueryAsync(cancellationToken);
    }

    // A heartbeat that cannot be read still tells that there is a gateway.
    private DateTimeOffset LastSeen(RedisValue json)
    {
        var now = time.GetUtcNow();
        try
        {
            var heartbeat = JsonSerializer.Deserialize((byte[]?)json, ContractsJson.Default.GatewayHeartbeat);
            return heartbeat is not null && heartbeat.LastSeenAt < now ? heartbeat.LastSeenAt.ToUniversalTime() : now;
        }
        catch (JsonException)
        {
            return now;
        }
    }
}
