using System.Net;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Tests.Shared.Hosting;

namespace StellaOps.Telemetry.ProfileService.FunctionalTests.IngestKeys;

public sealed class IngestKeysApiTests(ProfileServiceFixture fixture) : IClassFixture<ProfileServiceFixture>
{
    [Fact]
    public async Task Add_NewKey_ShowsTheSecretOnceAndStoresItsHash()
    {
        using var admin = fixture.Admin;
        var tenant = await AddTenantAsync(admin);

        var made = await (await admin.SendJsonAsync($"/api/v1/tenants/{tenant}/ingest-keys", new NewIngestKeyRequest("shop", null))).ReadAsync<NewIngestKeyResponse>();
        Assert.True(IngestKeyFormat.TryGetKeyId(made.Secret, out var keyId));
        Assert.Equal(made.Key.KeyId, keyId);

        using var list = await admin.GetAsync($"/api/v1/tenants/{tenant}/ingest-keys");
        Assert.Equal(made.Key, Assert.Single((await list.ReadAsync<Page<IngestKeyResponse>>()).Items));
        Assert.DoesNotContain(made.Secret, await list.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await using var stored = fixture.Database.DataSource.CreateCommand($"SELECT secret_sha256 FROM profile.ingest_keys WHERE key_id = '{keyId}'");
        Assert.Equal(IngestKeyFormat.Hash(made.Secret), await stored.ExecuteScalarAsync());
        await using var dump = fixture.Database.DataSource.CreateCommand($"SELECT count(*) FROM audit.entries WHERE detail LIKE '%{made.Secret}%' OR target LIKE '%{made.Secret}%'");
        Assert.Equal(0L, await dump.ExecuteScalarAsync());
    }

    [Fact]
    public async Task Add_ForAReplayTarget_IsAConflict()
    {
        using var admin = fixture.Admin;
        var tenant = ProfileServiceFixture.NewTenant();
        (await admin.SendJsonAsync("/api/v1/tenants", new AddTenantRequest(tenant, null, TenantKind.Replay))).EnsureSuccessStatusCode();

        using var refused = await admin.SendJsonAsync($"/api/v1/tenants/{tenant}/ingest-keys", new NewIngestKeyRequest(null, null));

        await ProblemAssert.IsAsync(HttpStatusCode.Conflict, KnownProblems.Conflict, refused);
        Assert.Empty((await (await admin.GetAsync($"/api/v1/tenants/{tenant}/ingest-keys")).ReadAsync<Page<IngestKeyResponse>>()).Items);
    }

    [Fact]
    public async Task Add_SameIdempotencyKey_NamesTheEarlierKeyAndMakesNoOther()
    {
        using var admin = fixture.Admin;
        var tenant = await AddTenantAsync(admin);
        var path = $"/api/v1/tenants/{tenant}/ingest-keys";
        var made = await (await admin.SendJsonAsync(path, new NewIngestKeyRequest("a", null), "again")).ReadAsync<NewIngestKeyResponse>();

        var problem = await ProblemAssert.IsAsync(HttpStatusCode.Conflict, KnownProblems.Conflict, await admin.SendJsonAsync(path, new NewIngestKeyRequest("a", null), "again"));
        Assert.Contains(made.Key.KeyId, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Single((await (await admin.GetAsync(path)).ReadAsync<Page<IngestKeyResponse>>()).Items);
    }

    [Fact]
    public async Task Revoke_AnotherTenantsKey_IsNotFoundAndChangesNothing()
    {
        using var admin = fixture.Admin;
        var tenant = await AddTenantAsync(admin);
        var made = await (await admin.SendJsonAsync($"/api/v1/tenants/{tenant}/ingest-keys", new NewIngestKeyRequest(null, null))).ReadAsync<NewIngestKeyResponse>();
        using var stranger = fixture.Service.Client(fixture.Issuer.Mint("eve", ProfileServiceFixture.NewTenant().Value, KnownScopes.Admin));

        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, KnownProblems.NotFound, await stranger.PostAsync($"/api/v1/ingest-keys/{made.Key.KeyId}/revoke", null));
        var list = await (await admin.GetAsync($"/api/v1/tenants/{tenant}/ingest-keys")).ReadAsync<Page<IngestKeyResponse>>();
        Assert.Equal(RegistrationState.Active, Assert.Single(list.Items).State);

        var revoked = await (await admin.PostAsync($"/api/v1/ingest-keys/{made.Key.KeyId}/revoke", null)).ReadAsync<IngestKeyResponse>();
        Assert.Equal(RegistrationState.Disabled, revoked.State);
    }

    [Fact]
    public async Task Add_UnknownTenant_IsNotFound()
    {
        using var admin = fixture.Admin;
        var response = await admin.SendJsonAsync($"/api/v1/tenants/{ProfileServiceFixture.NewTenant()}/ingest-keys", new NewIngestKeyRequest(null, null));
        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, KnownProblems.NotFound, response);
    }

    [Fact]
    public async Task Start_SystemKeyFile_IsRegisteredOnceForTheSystemTenant()
    {
        using var admin = fixture.Admin;
        var path = $"/api/v1/tenants/{TenantId.System}/ingest-keys";
        await Tests.Shared.Processes.Eventually.HoldsAsync(
            async () => (await (await admin.GetAsync(path)).ReadAsync<Page<IngestKeyResponse>>()).Items.Count == 1, TimeSpan.FromSeconds(5), "the system key is seeded");
        await fixture.StartReplicaAsync();
        Assert.True(IngestKeyFormat.TryGetKeyId(fixture.SystemKey, out var keyId));
        Assert.Equal(keyId, Assert.Single((await (await admin.GetAsync(path)).ReadAsync<Page<IngestKeyResponse>>()).Items).KeyId);
    }

    private static async Task<TenantId> AddTenantAsync(HttpClient admin)
    {
        var tenant = ProfileServiceFixture.NewTenant();
        (await admin.SendJsonAsync("/api/v1/tenants", new AddTenantRequest(tenant, null))).EnsureSuccessStatusCode();
        return tenant;
    }
}
