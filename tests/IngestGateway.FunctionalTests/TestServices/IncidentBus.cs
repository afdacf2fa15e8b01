using System.Text.Json;
using StackExchange.Redis;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;

/// <summary>The incident service's end of the channel: signs as it does.</summary>
internal sealed class IncidentBus(GatewayUnderTest gateway, ConnectionMultiplexer redis) : IAsyncDisposable
{
    public static async Task<IncidentBus> ConnectAsync(GatewayUnderTest gateway, string redis)
    {
        var bus = new IncidentBus(gateway, await ConnectionMultiplexer.ConnectAsync(redis));

        // A subscription has no acknowledgement that a publisher could see.
        await Eventually.HoldsAsync(async () => await bus.PublishAsync("{}"u8.ToArray()) > 0, TimeSpan.FromSeconds(10), "the gateway listens");
        return bus;
    }

    public static IncidentMessage Incident(string id, string tenant, double rate, TimeSpan lasts, params string[] services)
    {
        var now = TimeProvider.System.GetUtcNow();
        return new IncidentMessage(id, 1, false, TenantId.Parse(tenant), services, rate, now, now + lasts);
    }

    public Task TellAsync(IncidentMessage message) => PublishAsync(Dsse.Sign(
        IncidentMessage.PayloadType,
        JsonSerializer.SerializeToUtf8Bytes(message, ContractsJson.Default.IncidentMessage),
        gateway.Identities.Key(KnownServices.IncidentService),
        withKeyId: true));

    public Task EndAsync(IncidentMessage message) => TellAsync(message with { Version = message.Version + 1, Tombstone = true });

    public ValueTask DisposeAsync() => redis.DisposeAsync();

    private Task<long> PublishAsync(byte[] message) => redis.GetSubscriber().PublishAsync(RedisChannel.Literal(KnownRedis.IncidentChannel), message);
}
