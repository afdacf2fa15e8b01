using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Tests.Shared.Hosting;

namespace StellaOps.Telemetry.ProfileService.FunctionalTests.Snapshots;

public sealed class SnapshotApiTests(ProfileServiceFixture fixture) : IClassFixture<ProfileServiceFixture>
{
    private const string Path = "/api/v1/gateways/snapshot";

    [Fact]
    public async Task Get_Snapshot_IsSignedAndHoldsTenantsAndKeyHashes()
    {
        using var admin = fixture.Admin;
        var tenant = ProfileServiceFixture.NewTenant();
        var target = ProfileServiceFixture.NewTenant();
        (await admin.SendJsonAsync("/api/v1/tenants", new AddTenantRequest(tenant, null))).EnsureSuccessStatusCode();
        (await admin.SendJsonAsync("/api/v1/tenants", new AddTenantRequest(target, null, TenantKind.Replay))).EnsureSuccessStatusCode();
        var key = await (await admin.SendJsonAsync($"/api/v1/tenants/{tenant}/ingest-keys", new NewIngestKeyRequest(null, null))).ReadAsync<NewIngestKeyResponse>();
        (await admin.PostAsync($"/api/v1/tenants/{tenant}/disable", null)).EnsureSuccessStatusCode();

        var (snapshot, etag) = await ReadAsync(fixture.Service);
        Assert.Equal($"\"{snapshot.Version}\"", etag);
        Assert.Equal(RegistrationState.Disabled, Assert.Single(snapshot.Tenants, t => t.Tenant == tenant).State);
        Assert.Equal(new SnapshotTenant(target, RegistrationState.Active, TenantKind.Replay), Assert.Single(snapshot.Tenants, t => t.Tenant == target));
        Assert.Equal(
            new SnapshotIngestKey(key.Key.KeyId, tenant, IngestKeyFormat.Hash(key.Secret), RegistrationState.Active, null),
            Assert.Single(snapshot.IngestKeys, k => k.Tenant == tenant));
    }

    [Fact]
    public async Task Get_LongPoll_AnswersSoonAfterAChangeThatAnotherReplicaMade()
    {
        var replica = await fixture.StartReplicaAsync();
        using var admin = replica.Client(fixture.Issuer.Mint("alice", "*", KnownScopes.Admin));
        var tenant = ProfileServiceFixture.NewTenant();
        (await admin.SendJsonAsync("/api/v1/tenants", new AddTenantRequest(tenant, null))).EnsureSuccessStatusCode();
        var (before, etag) = await ReadAsync(fixture.Service);

        var pending = GetAsync(fixture.Service, etag, waitSeconds: 30);
        await Task.Delay(300);
        Assert.False(pending.IsCompleted);
        var watch = Stopwatch.StartNew();
        (await admin.PostAsync($"/api/v1/tenants/{tenant}/disable", null)).EnsureSuccessStatusCode();
        using var response = await pending;

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(1.5), $"took {watch.Elapsed}");
        var after = await OpenAsync(response);
        Assert.True(after.Version > before.Version);
        Assert.Equal(RegistrationState.Disabled, Assert.Single(after.Tenants, t => t.Tenant == tenant).State);
    }

    [Fact]
    public async Task Get_KnownVersionWithoutAChange_IsNotModifiedAfterTheWait()
    {
        var (_, etag) = await ReadAsync(fixture.Service);
        var watch = Stopwatch.StartNew();
        using var response = await GetAsync(fixture.Service, etag, waitSeconds: 1);
        Assert.Equal(HttpStatusCode.NotModified, response.StatusCode);
        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Get_AgentOfOneTenant_IsRefused()
    {
        using var agent = fixture.Service.Client(fixture.Issuer.Mint("gw", "shop", KnownScopes.FleetAgent));
        await ProblemAssert.IsAsync(HttpStatusCode.Forbidden, KnownProblems.TenantNotAllowed, await agent.GetAsync(Path));
    }

    private async Task<(GatewaySnapshot Snapshot, string ETag)> ReadAsync(RunningService service)
    {
        using var response = await GetAsync(service, null, waitSeconds: 0);
        return (await OpenAsync(response), response.Headers.ETag!.ToString());
    }

    private async Task<GatewaySnapshot> OpenAsync(HttpResponseMessage response)
    {
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(fixture.Identities.Trust.TryOpen(
            await response.Content.ReadAsByteArrayAsync(), GatewaySnapshot.PayloadType, KnownKeyUses.GatewaySnapshot, out var payload, out var signer));
        Assert.Equal(KnownServices.ProfileService, signer);
        return JsonSerializer.Deserialize(payload.Span, ContractsJson.Default.GatewaySnapshot)!;
    }

    private async Task<HttpResponseMessage> GetAsync(RunningService service, string? known, int waitSeconds)
    {
        using var agent = service.Client(fixture.Issuer.Mint("gw", "*", KnownScopes.FleetAgent));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Path}?waitSeconds={waitSeconds}");
        if (known is not null)
        {
            request.Headers.IfNoneMatch.Add(EntityTagHeaderValue.Parse(known));
        }

        return await agent.SendAsync(request);
    }
}
