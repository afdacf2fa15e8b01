using StackExchange.Redis;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.IncidentService.Incidents;
using StellaOps.Telemetry.ServiceDefaults.Redis;

namespace StellaOps.Telemetry.IncidentService.Publishing;

/// <summary>What gateways find in Redis, and hear from it.</summary>
internal sealed class IncidentTeller(IncidentEnvelope envelopes, RedisConnection redis)
{
    private static readonly RedisChannel s_channel = RedisChannel.Literal(KnownRedis.IncidentChannel);

    /// <summary>The hash first: who subscribes and then reads it misses nothing.</summary>
    public async Task TellAsync(Incident incident, CancellationToken cancellationToken)
    {
        var database = await redis.GetDatabaseAsync(cancellationToken);
        RedisValue envelope = envelopes.Sign(incident);
        await database.HashSetAsync(KnownRedis.ActiveIncidents, incident.Id, envelope);
        await database.PublishAsync(s_channel, envelope);
    }

    /// <summary>The version that stands there of each incident; null: what stands there is not ours.</summary>
    public async Task<Dictionary<string, long?>> ReadAsync(CancellationToken cancellationToken)
    {
        var database = await redis.GetDatabaseAsync(cancellationToken);
        return (await database.HashGetAllAsync(KnownRedis.ActiveIncidents))
            .ToDictionary(e => e.Name.ToString(), e => envelopes.VersionOf(e.Name.ToString(), (byte[])e.Value!));
    }

    public async Task ForgetAsync(string incidentId, CancellationToken cancellationToken) =>
        await (await redis.GetDatabaseAsync(cancellationToken)).HashDeleteAsync(KnownRedis.ActiveIncidents, incidentId);
}
