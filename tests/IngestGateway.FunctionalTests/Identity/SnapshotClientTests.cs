using System.Diagnostics;
using System.Net;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;
using StellaOps.Telemetry.IngestGateway.Identity;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.Identity;

public sealed class SnapshotClientTests
{
    private static readonly TimeSpan s_promise = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task Snapshot_RevokedKeyAndDisabledTenant_TakeEffectWithinTwoSeconds()
    {
        await using var gateway = await GatewayUnderTest.StartNewAsync();
        var key = gateway.Profiles.NewKey("acme");
        using var byKey = gateway.Grpc(key);
        using var byToken = gateway.Grpc(gateway.Writer("globex"));
        await Eventually.HoldsAsync(() => TakesAsync(byKey), s_promise, "the new key is taken");
        Assert.True(await TakesAsync(byToken));

        gateway.Profiles.Revoke(key);
        await Eventually.HoldsAsync(async () => !await TakesAsync(byKey), s_promise, "the revoked key is refused");
        gateway.Profiles.Tenant("globex", RegistrationState.Disabled);
        await Eventually.HoldsAsync(async () => !await TakesAsync(byToken), s_promise, "the disabled tenant is refused");
    }

    [Fact]
    public async Task Snapshot_NoneYet_IsRetryableAndNotReady()
    {
        await using var gateway = new GatewayUnderTest();
        await gateway.Profiles.StartAsync();
        await gateway.Profiles.StopAsync();
        await gateway.StartAsync();
        using var sender = gateway.Grpc(gateway.Writer("acme"));

        var refused = await sender.RefusedAsync(Signal.Traces, OtlpBytes.Request(Signal.Traces));

        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
        Assert.True(RetryInfo.SecondsOf(refused) > 0);
        using var api = gateway.Api();
        using var health = await api.GetAsync("/health");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        using var alive = await api.GetAsync("/alive");
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);

        gateway.Profiles.Tenant("acme");
        await gateway.Profiles.StartAsync();
        await Eventually.HoldsAsync(() => TakesAsync(sender), TimeSpan.FromSeconds(5), "the sender is taken once the service is there");
    }

    [Fact]
    public async Task Snapshot_ServiceGoneAtRestart_StartsFromTheLastGoodOne()
    {
        await using var gateway = await GatewayUnderTest.StartNewAsync();
        var key = gateway.Profiles.NewKey("acme");
        using (var sender = gateway.Grpc(key))
        {
            await Eventually.HoldsAsync(() => TakesAsync(sender), s_promise, "the key is taken");
        }

        await gateway.StopAsync();
        await gateway.Profiles.StopAsync();
        await gateway.StartAsync();

        using var after = gateway.Grpc(key);
        Assert.True(await TakesAsync(after));
    }

    [Fact]
    public async Task Snapshot_StoredOneTamperedWith_IsNotUsed()
    {
        await using var gateway = await GatewayUnderTest.StartNewAsync();
        await gateway.StopAsync();
        await gateway.Profiles.StopAsync();
        var file = Path.Combine(gateway.DataPath, "snapshot.dsse.json");
        var bytes = await File.ReadAllBytesAsync(file);
        bytes[bytes.AsSpan().IndexOf("\"sig\":\""u8) + 20] ^= 1;
        await File.WriteAllBytesAsync(file, bytes);
        await gateway.StartAsync();

        Assert.Null(gateway.Services.GetRequiredService<SnapshotState>().Current);
    }

    [Fact]
    public async Task Snapshot_ForgedOrOlder_LeavesTheOneInForce()
    {
        await using var gateway = await GatewayUnderTest.StartNewAsync();
        var old = gateway.Profiles.Envelope;
        await gateway.KnowTenantAsync("late");
        var state = gateway.Services.GetRequiredService<SnapshotState>();
        var version = state.Current!.Version;

        gateway.Profiles.Forge(old);
        gateway.Profiles.Forge(Dsse.Sign(GatewaySnapshot.PayloadType, "{}"u8, gateway.Identities.Key(KnownServices.IncidentService), withKeyId: true));
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < TimeSpan.FromMilliseconds(500))
        {
            Assert.Equal(version, state.Current!.Version);
            await Task.Delay(20);
        }

        await gateway.KnowTenantAsync("after");
    }

    private static async Task<bool> TakesAsync(GrpcSender sender)
    {
        try
        {
            await sender.ExportAsync(Signal.Traces, OtlpBytes.Request(Signal.Traces));
            return true;
        }
        catch (RpcException)
        {
            return false;
        }
    }
}
