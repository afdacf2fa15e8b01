using System.Net;
using Npgsql;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Tests.Shared.Hosting;

namespace StellaOps.Telemetry.ProfileService.FunctionalTests.Audit;

public sealed class AuditTests(ProfileServiceFixture fixture) : IClassFixture<ProfileServiceFixture>
{
    [Fact]
    public async Task Verify_ConcurrentWriters_MakeOneUnbrokenChain()
    {
        var replica = await fixture.StartReplicaAsync();
        using var one = fixture.Admin;
        using var two = replica.Client(fixture.Issuer.Mint("carol", "*", KnownScopes.Admin));
        var before = await VerifyAsync(one);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
            (await (i % 2 == 0 ? one : two).SendJsonAsync("/api/v1/tenants", new AddTenantRequest(ProfileServiceFixture.NewTenant(), null))).EnsureSuccessStatusCode()));

        var after = await VerifyAsync(one);
        Assert.True(after.Intact, after.Failure);
        Assert.Equal(before.Entries + 20, after.Entries);
    }

    [Theory]
    [InlineData("UPDATE audit.entries SET actor = 'nobody' WHERE sequence = {0}", "was changed")]
    [InlineData("UPDATE audit.entries SET at = at + interval '1 microsecond' WHERE sequence = {0}", "was changed")]
    [InlineData("UPDATE audit.entries SET detail = '' WHERE sequence = {0}", "was changed")]
    [InlineData("DELETE FROM audit.entries WHERE sequence = {0}", "is missing")]
    public async Task Verify_TamperedRow_IsFound(string sql, string failure)
    {
        await using var database = await Tests.Shared.Postgres.TestDatabase.CreateAsync();
        await using var service = await RunningService.StartAsync(ProfileServiceApp.Build(RunningService.Arguments(fixture.Environment(database.ConnectionString))));
        await service.ReadyAsync();
        using var admin = service.Client(fixture.Issuer.Mint("alice", "*", KnownScopes.Admin));
        for (var i = 0; i < 3; i++)
        {
            (await admin.SendJsonAsync("/api/v1/tenants", new AddTenantRequest(ProfileServiceFixture.NewTenant(), null))).EnsureSuccessStatusCode();
        }

        sql = string.Format(System.Globalization.CultureInfo.InvariantCulture, sql, 2);
        await using (var refused = database.DataSource.CreateCommand(sql))
        {
            Assert.Contains("append-only", (await Assert.ThrowsAsync<PostgresException>(() => refused.ExecuteNonQueryAsync())).Message, StringComparison.Ordinal);
        }

        Assert.True((await VerifyAsync(admin)).Intact);

        // Somebody with the database's owner rights takes the guard away: the chain still tells.
        await using (var tamper = database.DataSource.CreateCommand($"ALTER TABLE audit.entries DISABLE TRIGGER ALL; {sql}"))
        {
            await tamper.ExecuteNonQueryAsync();
        }

        var verification = await VerifyAsync(admin);
        Assert.False(verification.Intact);
        Assert.Equal(2, verification.BrokenAt);
        Assert.Contains(failure, verification.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_Pages_AreNewestFirstWithoutOverlap()
    {
        using var admin = fixture.Admin;
        var tenant = ProfileServiceFixture.NewTenant();
        (await admin.SendJsonAsync("/api/v1/tenants", new AddTenantRequest(tenant, null))).EnsureSuccessStatusCode();
        (await admin.PostAsync($"/api/v1/tenants/{tenant}/disable", null)).EnsureSuccessStatusCode();
        (await admin.PostAsync($"/api/v1/tenants/{tenant}/enable", null)).EnsureSuccessStatusCode();

        var first = await (await admin.GetAsync($"/api/v1/audit?tenant={tenant}&limit=2")).ReadAsync<Page<AuditEntryResponse>>();
        var second = await (await admin.GetAsync($"/api/v1/audit?tenant={tenant}&limit=2&cursor={first.NextCursor}")).ReadAsync<Page<AuditEntryResponse>>();
        Assert.Equal(["tenant.enable", "tenant.disable", "tenant.add"], first.Items.Concat(second.Items).Select(e => e.Action));
        Assert.Null(second.NextCursor);
        var none = await (await admin.GetAsync($"/api/v1/audit?tenant={tenant}&to=2001-01-01T00:00:00Z")).ReadAsync<Page<AuditEntryResponse>>();
        Assert.Empty(none.Items);
    }

    [Fact]
    public async Task List_ViewerRole_IsRefused()
    {
        using var viewer = fixture.Service.Client(fixture.Issuer.Mint("vic", "*", [.. KnownScopes.Roles["viewer"]]));
        await ProblemAssert.IsAsync(HttpStatusCode.Forbidden, KnownProblems.ScopeMissing, await viewer.GetAsync("/api/v1/audit"));
    }

    private static async Task<AuditVerificationResponse> VerifyAsync(HttpClient client) =>
        await (await client.GetAsync("/api/v1/audit/verify")).ReadAsync<AuditVerificationResponse>();
}
