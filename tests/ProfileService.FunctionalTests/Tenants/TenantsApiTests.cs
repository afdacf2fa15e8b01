using System.Net;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Tests.Shared.Hosting;

namespace StellaOps.Telemetry.ProfileService.FunctionalTests.Tenants;

public sealed class TenantsApiTests(ProfileServiceFixture fixture) : IClassFixture<ProfileServiceFixture>
{
    [Fact]
    public async Task Add_NewTenant_IsListedAndAudited()
    {
        using var admin = fixture.Admin;
        var tenant = ProfileServiceFixture.NewTenant();

        using var response = await admin.SendJsonAsync("/api/v1/tenants", new AddTenantRequest(tenant, "Shop"));
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var made = await response.ReadAsync<TenantResponse>();
        Assert.Equal((tenant, "Shop", RegistrationState.Active), (made.Tenant, made.DisplayName, made.State));

        var listed = await (await admin.GetAsync("/api/v1/tenants?limit=1000")).ReadAsync<Page<TenantResponse>>();
        Assert.Contains(made, listed.Items);
        var audit = await (await admin.GetAsync($"/api/v1/audit?tenant={tenant}")).ReadAsync<Page<AuditEntryResponse>>();
        var entry = Assert.Single(audit.Items);
        Assert.Equal(("alice", "tenant.add", tenant.Value, KnownServices.ProfileService), (entry.Actor, entry.Action, entry.Target, entry.Service));
    }

    [Fact]
    public async Task Add_ReplayTarget_IsListedSoAndSaidInTheAudit()
    {
        using var admin = fixture.Admin;
        var tenant = ProfileServiceFixture.NewTenant();

        using var response = await admin.SendJsonAsync("/api/v1/tenants", new AddTenantRequest(tenant, null, TenantKind.Replay));

        var made = await response.ReadAsync<TenantResponse>();
        Assert.Equal((HttpStatusCode.Created, TenantKind.Replay), (response.StatusCode, made.Kind));
        Assert.Contains(made, (await (await admin.GetAsync("/api/v1/tenants?limit=1000")).ReadAsync<Page<TenantResponse>>()).Items);
        Assert.Equal("kind replay", Assert.Single((await (await admin.GetAsync($"/api/v1/audit?tenant={tenant}")).ReadAsync<Page<AuditEntryResponse>>()).Items).Detail);
    }

    [Fact]
    public async Task Add_Twice_IsConflictAndLeavesNoAuditRow()
    {
        using var admin = fixture.Admin;
        var request = new AddTenantRequest(ProfileServiceFixture.NewTenant(), null);
        (await admin.SendJsonAsync("/api/v1/tenants", request)).EnsureSuccessStatusCode();

        using var again = await admin.SendJsonAsync("/api/v1/tenants", request);
        await ProblemAssert.IsAsync(HttpStatusCode.Conflict, KnownProblems.Conflict, again);
        var audit = await (await admin.GetAsync($"/api/v1/audit?tenant={request.Tenant}")).ReadAsync<Page<AuditEntryResponse>>();
        Assert.Single(audit.Items);
    }

    [Fact]
    public async Task Add_SameIdempotencyKey_AnswersTheSameUnlessTheBodyDiffers()
    {
        using var admin = fixture.Admin;
        var request = new AddTenantRequest(ProfileServiceFixture.NewTenant(), "one");
        var key = Guid.NewGuid().ToString();
        var first = await (await admin.SendJsonAsync("/api/v1/tenants", request, key)).ReadAsync<TenantResponse>();

        using var repeat = await admin.SendJsonAsync("/api/v1/tenants", request, key);
        Assert.Equal(HttpStatusCode.Created, repeat.StatusCode);
        Assert.Equal(first, await repeat.ReadAsync<TenantResponse>());
        using var other = await admin.SendJsonAsync("/api/v1/tenants", request with { DisplayName = "two" }, key);
        await ProblemAssert.IsAsync(HttpStatusCode.UnprocessableEntity, KnownProblems.IdempotencyMismatch, other);
    }

    [Fact]
    public async Task Disable_Twice_IsAuditedOnce()
    {
        using var admin = fixture.Admin;
        var tenant = ProfileServiceFixture.NewTenant();
        (await admin.SendJsonAsync("/api/v1/tenants", new AddTenantRequest(tenant, null))).EnsureSuccessStatusCode();

        Assert.Equal(RegistrationState.Disabled, (await (await admin.PostAsync($"/api/v1/tenants/{tenant}/disable", null)).ReadAsync<TenantResponse>()).State);
        Assert.Equal(RegistrationState.Disabled, (await (await admin.PostAsync($"/api/v1/tenants/{tenant}/disable", null)).ReadAsync<TenantResponse>()).State);
        Assert.Equal(RegistrationState.Active, (await (await admin.PostAsync($"/api/v1/tenants/{tenant}/enable", null)).ReadAsync<TenantResponse>()).State);

        var audit = await (await admin.GetAsync($"/api/v1/audit?tenant={tenant}")).ReadAsync<Page<AuditEntryResponse>>();
        Assert.Equal(["tenant.enable", "tenant.disable", "tenant.add"], audit.Items.Select(e => e.Action));
    }

    [Fact]
    public async Task List_TokenOfOneTenant_SeesThatOneOnly()
    {
        using var admin = fixture.Admin;
        var (mine, other) = (ProfileServiceFixture.NewTenant(), ProfileServiceFixture.NewTenant());
        (await admin.SendJsonAsync("/api/v1/tenants", new AddTenantRequest(mine, null))).EnsureSuccessStatusCode();
        (await admin.SendJsonAsync("/api/v1/tenants", new AddTenantRequest(other, null))).EnsureSuccessStatusCode();

        using var bound = fixture.Service.Client(fixture.Issuer.Mint("bob", mine.Value, KnownScopes.Admin));
        var listed = await (await bound.GetAsync("/api/v1/tenants")).ReadAsync<Page<TenantResponse>>();
        Assert.Equal([mine], listed.Items.Select(t => t.Tenant));
        await ProblemAssert.IsAsync(HttpStatusCode.Forbidden, KnownProblems.TenantNotAllowed, await bound.PostAsync($"/api/v1/tenants/{other}/disable", null));
        await ProblemAssert.IsAsync(HttpStatusCode.Forbidden, KnownProblems.TenantNotAllowed, await bound.GetAsync($"/api/v1/tenants/{other}/ingest-keys"));
        await ProblemAssert.IsAsync(HttpStatusCode.Forbidden, KnownProblems.TenantNotAllowed, await bound.GetAsync($"/api/v1/audit?tenant={other}"));
    }

    [Fact]
    public async Task List_SmallPages_ReachEveryTenantOnce()
    {
        using var admin = fixture.Admin;
        for (var i = 0; i < 3; i++)
        {
            (await admin.SendJsonAsync("/api/v1/tenants", new AddTenantRequest(ProfileServiceFixture.NewTenant(), null))).EnsureSuccessStatusCode();
        }

        var all = (await (await admin.GetAsync("/api/v1/tenants?limit=1000")).ReadAsync<Page<TenantResponse>>()).Items;
        var paged = new List<TenantResponse>();
        string? cursor = null;
        do
        {
            var page = await (await admin.GetAsync($"/api/v1/tenants?limit=2&cursor={cursor}")).ReadAsync<Page<TenantResponse>>();
            paged.AddRange(page.Items);
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        Assert.Equal(all, paged);
    }

    [Theory]
    [InlineData("""{"tenant":"Not A Name"}""")]
    [InlineData("""{"displayName":"no tenant"}""")]
    [InlineData("""{"tenant":""")]
    public async Task Add_MalformedBody_IsValidationProblem(string json)
    {
        using var admin = fixture.Admin;
        using var content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        await ProblemAssert.IsAsync(HttpStatusCode.BadRequest, KnownProblems.Validation, await admin.PostAsync("/api/v1/tenants", content));
    }
}
