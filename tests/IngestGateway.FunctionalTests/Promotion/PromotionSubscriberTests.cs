using System.Text.Json;
using StackExchange.Redis;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Promotions;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Redis;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.Promotion;

public sealed class PromotionSubscriberTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(RedisKind.Garnet)]
    [InlineData(RedisKind.RedisServer)]
    public async Task Promotion_Requested_IsDoneOnceAndAnsweredSigned(RedisKind kind)
    {
        await using var redis = await RedisServer.StartNewAsync(kind);
        await using var gateway = await GatewayUnderTest.StartNewAsync(redis.ConnectionString);
        await using var bus = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        var woken = new TaskCompletionSource();
        await bus.GetSubscriber().SubscribeAsync(RedisChannel.Literal(KnownRedis.PromotionChannel), (_, message) =>
        {
            if (message == "ack:p1")
            {
                woken.TrySetResult();
            }
        });

        await RequestAsync(gateway, bus, "p1");
        var ack = await AckAsync(gateway, bus, "p1");
        await woken.Task.WaitAsync(s_patience);

        Assert.Equal(("p1", "gw-1", 42, null), (ack.PromotionId, ack.GatewayId, ack.Records, ack.Failure));
        Assert.True(await bus.GetDatabase().KeyTimeToLiveAsync(KnownRedis.PromotionAcks("p1")) > TimeSpan.FromMinutes(1));

        // The hash is read again every two seconds, and the gateway restarted: still once.
        await RequestAsync(gateway, bus, "p1");
        await gateway.StopAsync();
        await gateway.StartAsync(redis.ConnectionString);
        await RequestAsync(gateway, bus, "p2");
        await AckAsync(gateway, bus, "p2");
        Assert.Equal(["p1", "p2"], gateway.Promoter.Asked);
    }

    [Fact]
    public async Task Promotion_Fails_IsAnsweredAsAFailure()
    {
        await using var redis = await RedisServer.StartNewAsync(RedisKind.Garnet);
        await using var gateway = await GatewayUnderTest.StartNewAsync(redis.ConnectionString);
        await using var bus = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        gateway.Promoter.Fails = true;

        await RequestAsync(gateway, bus, "p1");

        Assert.Equal("promotion failed: IOException", (await AckAsync(gateway, bus, "p1")).Failure);
    }

    [Fact]
    public async Task Promotion_ForgedOrExpired_IsIgnored()
    {
        await using var redis = await RedisServer.StartNewAsync(RedisKind.Garnet);
        await using var gateway = await GatewayUnderTest.StartNewAsync(redis.ConnectionString);
        await using var bus = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);

        await RequestAsync(gateway, bus, "forged", KnownServices.IncidentService);
        await RequestAsync(gateway, bus, "expired", expiresInMinutes: -1);
        await RequestAsync(gateway, bus, "good");
        await AckAsync(gateway, bus, "good");

        Assert.Equal(["good"], gateway.Promoter.Asked);
    }

    private static async Task RequestAsync(GatewayUnderTest gateway, ConnectionMultiplexer bus, string id, string signer = KnownServices.CaptureWorker, int expiresInMinutes = 10)
    {
        var now = TimeProvider.System.GetUtcNow();
        var request = new PromotionRequest(id, TenantId.Parse("acme"), SignalNames.All, "1", "2", now, now.AddMinutes(expiresInMinutes));
        var envelope = Dsse.Sign(
            PromotionRequest.PayloadType, JsonSerializer.SerializeToUtf8Bytes(request, ContractsJson.Default.PromotionRequest), gateway.Identities.Key(signer), withKeyId: true);
        await bus.GetDatabase().HashSetAsync(KnownRedis.Promotions, id, envelope);
        await bus.GetSubscriber().PublishAsync(RedisChannel.Literal(KnownRedis.PromotionChannel), envelope);
    }

    private static async Task<PromotionAck> AckAsync(GatewayUnderTest gateway, ConnectionMultiplexer bus, string id)
    {
        RedisValue envelope = default;
        await Eventually.HoldsAsync(
            async () => (envelope = await bus.GetDatabase().HashGetAsync(KnownRedis.PromotionAcks(id), "gw-1")).HasValue,
            s_patience,
            $"promotion {id} is answered");
        Assert.True(gateway.Identities.Trust.TryOpen((byte[])envelope!, PromotionAck.PayloadType, KnownKeyUses.PromotionAck, out var payload, out _));
        return JsonSerializer.Deserialize(payload.Span, ContractsJson.Default.PromotionAck)!;
    }
}
