using System.Collections.Concurrent;
using System.Text.Json;
using StackExchange.Redis;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Tests.Shared.Redis;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Publishing;

/// <summary>Sees Redis as a gateway does: verified messages only.</summary>
internal sealed class RedisView : IAsyncDisposable
{
    private readonly TrustStore _trust;
    private readonly ConnectionMultiplexer _connection;

    private RedisView(ConnectionMultiplexer connection, TrustStore trust)
    {
        _connection = connection;
        _trust = trust;
    }

    private readonly Dictionary<string, long> _versions = new(StringComparer.Ordinal);

    /// <summary>Messages on the channel that a gateway would take, in their order: a version that is told again, to be sure, is none.</summary>
    public ConcurrentQueue<IncidentMessage> Heard { get; } = new();

    public IDatabase Database => _connection.GetDatabase();

    public static async Task<RedisView> ConnectAsync(RedisServer redis, TrustStore trust)
    {
        var view = new RedisView(await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString + ",abortConnect=false"), trust);
        // One after the other, in their order: handlers of a subscription without a queue run beside each other.
        var messages = await view._connection.GetSubscriber().SubscribeAsync(RedisChannel.Literal(KnownRedis.IncidentChannel));
        messages.OnMessage(m => view.Hear(view.Open(m.Message!)));
        return view;
    }

    /// <summary>The message about an incident in the hash; null when there is none.</summary>
    public async Task<IncidentMessage?> FindAsync(string id) =>
        await Database.HashGetAsync(KnownRedis.ActiveIncidents, id) is { IsNull: false } value ? Open(value!) : null;

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private void Hear(IncidentMessage message)
    {
        lock (_versions)
        {
            if (message.Version > _versions.GetValueOrDefault(message.Id))
            {
                _versions[message.Id] = message.Version;
                Heard.Enqueue(message);
            }
        }
    }

    private IncidentMessage Open(byte[] envelope)
    {
        Assert.True(_trust.TryOpen(envelope, IncidentMessage.PayloadType, KnownKeyUses.Incident, out var payload, out var signer));
        Assert.Equal(KnownServices.IncidentService, signer);
        return JsonSerializer.Deserialize(payload.Span, ContractsJson.Default.IncidentMessage)!;
    }
}
