using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;
using StellaOps.Telemetry.IngestGateway.Incidents;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Redis;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.Incidents;

/// <summary>Against Garnet and the real redis-server alike.</summary>
public sealed class IncidentSubscriberTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_reread = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData(RedisKind.Garnet)]
    [InlineData(RedisKind.RedisServer)]
    public async Task Incident_PublishedThenEndedByTombstone_IsHeardWithinASecond(RedisKind kind)
    {
        await using var redis = await RedisServer.StartNewAsync(kind);
        await using var gateway = await GatewayUnderTest.StartNewAsync(redis.ConnectionString);
        await using var bus = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        await HeardAsync(gateway, bus);

        await PublishAsync(gateway, bus, Message("a", 1), inHash: false);
        await Eventually.HoldsAsync(() => IsActive(gateway, "a"), s_second, "the incident is heard");
        await gateway.MetricIsAsync(1, "telemetry_incident_mode", "tenant=\"acme\"", "service=\"checkout\"");

        await PublishAsync(gateway, bus, Message("a", 2) with { Tombstone = true }, inHash: false);
        await Eventually.HoldsAsync(() => !IsActive(gateway, "a"), s_second, "the tombstone is heard");
        await gateway.MetricIsAsync(0, "telemetry_incident_mode", "tenant=\"acme\"", "service=\"checkout\"");
    }

    [Theory]
    [InlineData(RedisKind.Garnet)]
    [InlineData(RedisKind.RedisServer)]
    public async Task Incident_RedisFlushedAndRestarted_StaysAndLaterOnesAreHeard(RedisKind kind)
    {
        await using var redis = await RedisServer.StartNewAsync(kind);
        await using var gateway = await GatewayUnderTest.StartNewAsync(redis.ConnectionString);
        await using (var bus = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString))
        {
            await PublishAsync(gateway, bus, Message("a", 1), inHash: true);
            await Eventually.HoldsAsync(() => IsActive(gateway, "a"), s_reread, "the incident is heard");
        }

        await redis.FlushAsync();
        await redis.StopAsync();
        await redis.StartAsync();
        await using var again = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        await PublishAsync(gateway, again, Message("b", 1), inHash: true);

        await Eventually.HoldsAsync(() => IsActive(gateway, "b"), TimeSpan.FromSeconds(15), "the gateway is back on Redis");
        Assert.True(IsActive(gateway, "a"));
    }

    [Theory]
    [InlineData(RedisKind.Garnet)]
    [InlineData(RedisKind.RedisServer)]
    public async Task Incident_ConnectionsGoDarkForAWhile_IsHeardWithinFiveSecondsAfterwards(RedisKind kind)
    {
        await using var redis = await RedisServer.StartNewAsync(kind);
        await using var proxy = new DarkProxy(redis.ConnectionString);
        await using var gateway = await GatewayUnderTest.StartNewAsync(proxy.ConnectionString);
        await using var bus = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        await PublishAsync(gateway, bus, Message("a", 1), inHash: true);
        await Eventually.HoldsAsync(() => IsActive(gateway, "a"), s_reread, "the incident is heard");

        proxy.GoDark();
        await PublishAsync(gateway, bus, Message("a", 2) with { Tombstone = true }, inHash: true);
        await PublishAsync(gateway, bus, Message("b", 1), inHash: true);
        await Task.Delay(TimeSpan.FromSeconds(8));
        Assert.Equal((true, false), (IsActive(gateway, "a"), IsActive(gateway, "b")));

        proxy.GoLight();
        await Eventually.HoldsAsync(() => IsActive(gateway, "b") && !IsActive(gateway, "a"), s_reread, "what was missed in the dark is heard");
    }

    [Fact]
    public async Task Incident_GatewayRestartedWithRedisAway_StaysUntilItExpires()
    {
        var redis = await RedisServer.StartNewAsync(RedisKind.Garnet);
        await using var gateway = await GatewayUnderTest.StartNewAsync(redis.ConnectionString);
        await using (var bus = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString))
        {
            await PublishAsync(gateway, bus, Message("a", 1) with { ExpiresAt = TimeProvider.System.GetUtcNow().AddSeconds(8) }, inHash: true);
            await Eventually.HoldsAsync(() => IsActive(gateway, "a"), s_reread, "the incident is heard");
        }

        await gateway.StopAsync();
        await redis.DisposeAsync();
        await gateway.StartAsync(redis.ConnectionString);

        Assert.True(IsActive(gateway, "a"));
        await Eventually.HoldsAsync(() => !IsActive(gateway, "a"), TimeSpan.FromSeconds(15), "it expires by the gateway's own clock");
    }

    [Fact]
    public async Task Incident_SignedByAnotherService_IsIgnored()
    {
        await using var redis = await RedisServer.StartNewAsync(RedisKind.Garnet);
        await using var gateway = await GatewayUnderTest.StartNewAsync(redis.ConnectionString);
        await using var bus = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        var payload = JsonSerializer.SerializeToUtf8Bytes(Message("forged", 1), ContractsJson.Default.IncidentMessage);
        var forged = Dsse.Sign(IncidentMessage.PayloadType, payload, gateway.Identities.Key(KnownServices.CaptureWorker), withKeyId: true);

        await bus.GetDatabase().HashSetAsync(KnownRedis.ActiveIncidents, "forged", forged);
        await bus.GetSubscriber().PublishAsync(RedisChannel.Literal(KnownRedis.IncidentChannel), forged);
        await bus.GetSubscriber().PublishAsync(RedisChannel.Literal(KnownRedis.IncidentChannel), "not a message");
        await PublishAsync(gateway, bus, Message("real", 1), inHash: true);

        await Eventually.HoldsAsync(() => IsActive(gateway, "real"), s_reread, "the real one is heard");
        Assert.False(IsActive(gateway, "forged"));
    }

    [Fact]
    public async Task Heartbeat_WhileRunning_IsInRedisAndLeavesWithTheGateway()
    {
        await using var redis = await RedisServer.StartNewAsync(RedisKind.Garnet);
        await using var gateway = await GatewayUnderTest.StartNewAsync(redis.ConnectionString);
        await using var bus = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        var database = bus.GetDatabase();
        await Eventually.HoldsAsync(() => database.HashExistsAsync(KnownRedis.Gateways, "gw-1"), s_reread, "the heartbeat is there");

        var beat = JsonSerializer.Deserialize((string)(await database.HashGetAsync(KnownRedis.Gateways, "gw-1"))!, ContractsJson.Default.GatewayHeartbeat)!;
        Assert.Equal("gw-1", beat.GatewayId);
        Assert.Equal(gateway.ApiUrl, new Uri(beat.AdminUrl!));

        await gateway.StopAsync();
        Assert.False(await database.HashExistsAsync(KnownRedis.Gateways, "gw-1"));
    }

    /// <summary>Publishes until the gateway listens on the channel: a subscription has no acknowledgement that a publisher could see.</summary>
    private static async Task HeardAsync(GatewayUnderTest gateway, ConnectionMultiplexer bus) => await Eventually.HoldsAsync(
        async () => await bus.GetSubscriber().PublishAsync(RedisChannel.Literal(KnownRedis.IncidentChannel), "{}") > 0,
        TimeSpan.FromSeconds(10),
        $"{gateway.ApiUrl} listens");

    private static async Task PublishAsync(GatewayUnderTest gateway, ConnectionMultiplexer bus, IncidentMessage message, bool inHash)
    {
        var envelope = Dsse.Sign(
            IncidentMessage.PayloadType,
            JsonSerializer.SerializeToUtf8Bytes(message, ContractsJson.Default.IncidentMessage),
            gateway.Identities.Key(KnownServices.IncidentService),
            withKeyId: true);
        if (inHash)
        {
            await bus.GetDatabase().HashSetAsync(KnownRedis.ActiveIncidents, message.Id, envelope);
        }

        await bus.GetSubscriber().PublishAsync(RedisChannel.Literal(KnownRedis.IncidentChannel), envelope);
    }

    private static bool IsActive(GatewayUnderTest gateway, string id) =>
        gateway.Services.GetRequiredService<IIncidentScopes>().Current.Active.Any(i => i.Id == id && i.ExpiresAt > TimeProvider.System.GetUtcNow());

    private static IncidentMessage Message(string id, long version)
    {
        var now = TimeProvider.System.GetUtcNow();
        return new IncidentMessage(id, version, false, TenantId.Parse("acme"), ["checkout"], 1.0, now, now.AddHours(1));
    }
}
