using System.Net;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Profiles;
using StellaOps.Telemetry.Profiles.Signing;
using StellaOps.Telemetry.ProfileService.FunctionalTests.TestServices;
using StellaOps.Telemetry.Tests.Shared.Auth;
using StellaOps.Telemetry.Tests.Shared.Hosting;
using StellaOps.Telemetry.Tests.Shared.Profiles;

namespace StellaOps.Telemetry.ProfileService.FunctionalTests.Versions;

public sealed class VersionsApiTests(ProfileServiceFixture fixture) : IClassFixture<ProfileServiceFixture>
{
    private SignedProfiles Signed => new(fixture.Identities);

    [Fact]
    public async Task Publish_SignedNextVersion_IsStoredServedByteForByteAndAudited()
    {
        using var admin = fixture.Admin;
        var name = ProfileVersions.NewName();
        var closure = ProfileVersions.Closure(name, 1);
        var author = Signed.Version(closure);

        var response = await PublishAsync(admin, closure, author);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var made = await response.ReadAsync<ProfileVersionResponse>();
        Assert.Equal((name, 1L, closure.Digest, "developer", fixture.Identities.Key(TestIdentities.Author).KeyId), (made.Profile, made.Version, made.Digest, made.Author, made.AuthorKeyId));
        Assert.Equal((0, true, "alice"), (made.ApprovalsNeeded, made.Approved, made.PublishedBy));

        Assert.Equal(closure.ToBytes(), await admin.GetByteArrayAsync($"/api/v1/profiles/{name}/versions/1/closure"));
        Assert.Equal(author, await admin.GetByteArrayAsync($"/api/v1/profiles/{name}/versions/1/author"));
        var audit = await (await admin.GetAsync($"/api/v1/audit?target={name}@1")).ReadAsync<Page<AuditEntryResponse>>();
        var entry = Assert.Single(audit.Items);
        Assert.Equal(("alice", "profile.publish"), (entry.Actor, entry.Action));
        Assert.Contains(closure.Digest, entry.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publish_VersionThatIsNotTheNext_IsAConflictThatNamesIt()
    {
        using var admin = fixture.Admin;
        var name = ProfileVersions.NewName();
        (await PublishAsync(admin, ProfileVersions.Closure(name, 1))).EnsureSuccessStatusCode();

        // A replay, and a gap.
        foreach (var version in new[] { 1, 3 })
        {
            var problem = await ProblemAssert.IsAsync(HttpStatusCode.Conflict, KnownProblems.Conflict, await PublishAsync(admin, ProfileVersions.Closure(name, version)));
            Assert.Contains("sign this as version 2", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }

        (await PublishAsync(admin, ProfileVersions.Closure(name, 2))).EnsureSuccessStatusCode();
        var page = await (await admin.GetAsync($"/api/v1/profiles/{name}/versions?limit=1")).ReadAsync<Page<ProfileVersionResponse>>();
        Assert.Equal((2L, "2"), (Assert.Single(page.Items).Version, page.NextCursor));
        page = await (await admin.GetAsync($"/api/v1/profiles/{name}/versions?limit=1&cursor=2")).ReadAsync<Page<ProfileVersionResponse>>();
        Assert.Equal((1L, (string?)null), (Assert.Single(page.Items).Version, page.NextCursor));
    }

    [Fact]
    public async Task Publish_TwoAtOnce_OneIsStored()
    {
        using var admin = fixture.Admin;
        var name = ProfileVersions.NewName();
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => PublishAsync(admin, ProfileVersions.Closure(name, 1))));
        Assert.Single(answers, a => a.StatusCode == HttpStatusCode.Created);
        Assert.Equal(5, answers.Count(a => a.StatusCode == HttpStatusCode.Conflict));
    }

    [Fact]
    public async Task Publish_SameIdempotencyKey_AnswersWithTheVersionOfBefore()
    {
        using var admin = fixture.Admin;
        var closure = ProfileVersions.Closure(ProfileVersions.NewName(), 1);
        var request = new PublishProfileRequest(closure.ToBytes(), Signed.Version(closure));
        var path = $"/api/v1/profiles/{closure.Profile}/versions";
        var key = Guid.NewGuid().ToString("n");
        var first = await (await admin.SendJsonAsync(path, request, key)).ReadAsync<ProfileVersionResponse>();
        var second = await (await admin.SendJsonAsync(path, request, key)).ReadAsync<ProfileVersionResponse>();
        Assert.Equal((first.Digest, first.PublishedAt), (second.Digest, second.PublishedAt));

        await ProblemAssert.IsAsync(
            HttpStatusCode.UnprocessableEntity, KnownProblems.IdempotencyMismatch, await admin.SendJsonAsync(path, request with { Author = Signed.Version(closure) }, key));
    }

    [Fact]
    public async Task Publish_NotWhatATrustedAuthorSigned_IsRefusedWithTheReason()
    {
        using var admin = fixture.Admin;
        var name = ProfileVersions.NewName();
        var closure = ProfileVersions.Closure(name, 1);
        var changed = ProfileVersions.Closure(name, 1, edge: true);
        foreach (var (bytes, author, refusal) in new[]
        {
            (closure.ToBytes(), Signed.Version(closure, TestIdentities.Stranger), "unknown_signer"),
            (closure.ToBytes(), Signed.Version(closure, TestIdentities.Approver), "unknown_signer"),
            (changed.ToBytes(), Signed.Version(closure), "digest_mismatch"),
            (closure.ToBytes(), Signed.Approval(closure), "unknown_signer"),
            (closure.ToBytes(), Signed.Forged(Signed.Version(closure), TestIdentities.Stranger, TestIdentities.Author), "bad_signature"),
            ((byte[])[.. closure.ToBytes(), (byte)' '], Signed.Version(closure), "malformed"),
        })
        {
            var problem = await ProblemAssert.IsAsync(
                HttpStatusCode.UnprocessableEntity, KnownProblems.Refused, await admin.SendJsonAsync($"/api/v1/profiles/{name}/versions", new PublishProfileRequest(bytes, author)));
            Assert.Equal(refusal, problem.GetProperty("refusal").GetString());
        }

        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, KnownProblems.NotFound, await admin.GetAsync($"/api/v1/profiles/{name}/versions/1"));
    }

    [Fact]
    public async Task Publish_UnderAnotherName_IsNotValid()
    {
        using var admin = fixture.Admin;
        var closure = ProfileVersions.Closure(ProfileVersions.NewName(), 1);
        await ProblemAssert.IsAsync(
            HttpStatusCode.BadRequest,
            KnownProblems.Validation,
            await admin.SendJsonAsync("/api/v1/profiles/other/versions", new PublishProfileRequest(closure.ToBytes(), Signed.Version(closure))));
    }

    [Fact]
    public async Task Approve_BySomebodyElse_CountsOnce()
    {
        using var admin = fixture.Admin;
        var closure = await PublishForensicAsync(admin);
        var path = $"/api/v1/profiles/forensic/versions/{closure.Version}";
        var before = await (await admin.GetAsync(path)).ReadAsync<ProfileVersionResponse>();
        Assert.Equal((1, false), (before.ApprovalsNeeded, before.Approved));

        var approval = Signed.Approval(closure);
        var after = await (await admin.SendJsonAsync($"{path}/approvals", new ApproveProfileRequest(approval))).ReadAsync<ProfileVersionResponse>();
        Assert.True(after.Approved);
        Assert.Equal((1, "reviewer", "looks right"), (after.Approvals[0].Number, after.Approvals[0].Person, after.Approvals[0].Comment));
        Assert.Equal(approval, await admin.GetByteArrayAsync($"{path}/approvals/1"));

        await ProblemAssert.IsAsync(
            HttpStatusCode.Conflict, KnownProblems.Conflict, await admin.SendJsonAsync($"{path}/approvals", new ApproveProfileRequest(Signed.Approval(closure, TestIdentities.ApproversOther))));
        var versions = await (await admin.GetAsync("/api/v1/profiles/forensic/versions")).ReadAsync<Page<ProfileVersionResponse>>();
        Assert.True(Assert.Single(versions.Items, v => v.Version == closure.Version).Approved);
    }

    [Fact]
    public async Task Approve_NotAnApprovalOfThisVersionBySomebodyElse_IsRefused()
    {
        using var admin = fixture.Admin;
        var closure = await PublishForensicAsync(admin);
        var other = ProfileVersions.Closure("forensic", closure.Version + 1, "forensic");
        foreach (var (approval, refusal) in new[]
        {
            (Signed.Approval(closure, TestIdentities.AuthorsOther), "self_approved"),
            (Signed.Approval(closure, TestIdentities.Author), "unknown_signer"),
            (Signed.Approval(closure, TestIdentities.Stranger), "unknown_signer"),
            (Signed.Approval(other), "digest_mismatch"),
        })
        {
            var problem = await ProblemAssert.IsAsync(
                HttpStatusCode.UnprocessableEntity,
                KnownProblems.Refused,
                await admin.SendJsonAsync($"/api/v1/profiles/forensic/versions/{closure.Version}/approvals", new ApproveProfileRequest(approval)));
            Assert.Equal(refusal, problem.GetProperty("refusal").GetString());
        }

        await ProblemAssert.IsAsync(
            HttpStatusCode.BadRequest,
            KnownProblems.Validation,
            await admin.SendJsonAsync($"/api/v1/profiles/forensic/versions/{closure.Version}/approvals", new ApproveProfileRequest(Signed.BrokenGlass(closure))));
    }

    [Theory]
    [InlineData("versions", "closure", "durability: write", "durability: fsync")]
    [InlineData("versions", "author", "publicKey", "publicKex")]
    [InlineData("approvals", "approval", "publicKey", "publicKex")]
    public async Task Get_ChangedByteInTheDatabase_IsFoundAndNeverServed(string table, string column, string from, string to)
    {
        using var admin = fixture.Admin;
        var closure = ProfileVersions.Closure(ProfileVersions.NewName(), 1);
        (await PublishAsync(admin, closure)).EnsureSuccessStatusCode();
        var path = $"/api/v1/profiles/{closure.Profile}/versions/1";
        (await admin.SendJsonAsync($"{path}/approvals", new ApproveProfileRequest(Signed.Approval(closure)))).EnsureSuccessStatusCode();
        (await admin.GetAsync(path)).EnsureSuccessStatusCode();
        await ChangeAsync(closure.Profile, table, column, from, to);

        foreach (var part in new[] { "", "/closure", "/author", "/approvals/1" })
        {
            var problem = await ProblemAssert.IsAsync(HttpStatusCode.InternalServerError, KnownProblems.Tampered, await admin.GetAsync(path + part));
            Assert.Contains(closure.Profile, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("versions", "closure", "durability: write", "durability: fsync")]
    [InlineData("approvals", "approval", "publicKey", "publicKex")]
    public async Task List_OneChangedInTheDatabase_NamesItAndHidesNoOther(string table, string column, string from, string to)
    {
        using var admin = fixture.Admin;
        var (good, damaged) = (ProfileVersions.Closure(ProfileVersions.NewName(), 1), ProfileVersions.Closure(ProfileVersions.NewName(), 1));
        foreach (var closure in new[] { good, damaged })
        {
            (await PublishAsync(admin, closure)).EnsureSuccessStatusCode();
            (await admin.SendJsonAsync($"/api/v1/profiles/{closure.Profile}/versions/1/approvals", new ApproveProfileRequest(Signed.Approval(closure)))).EnsureSuccessStatusCode();
        }

        await ChangeAsync(damaged.Profile, table, column, from, to);

        var client = new ProfileClient(admin);
        var listed = await ListAllAsync(client);
        Assert.Equal(new ProfileResponse(good.Profile, 1, true, null, null, 0), listed[good.Profile]);
        var entry = listed[damaged.Profile];
        Assert.Equal(
            new ProfileResponse(damaged.Profile, 1, false, null, null, 0, KnownProfileProblems.Tampered), entry with { ProblemDetail = null });
        Assert.Contains($"'{damaged.Profile}'", entry.ProblemDetail, StringComparison.Ordinal);
        Assert.Contains("compare the rows of profile.versions", entry.ProblemDetail, StringComparison.Ordinal);
        Assert.NotEmpty(fixture.Log.Of(1110, damaged.Profile));
        Assert.Empty(fixture.Log.Of(1110, good.Profile));
        await ProblemAssert.IsAsync(HttpStatusCode.InternalServerError, KnownProblems.Tampered, await admin.GetAsync($"/api/v1/profiles/{damaged.Profile}/versions/1"));

        // The next version is as good as any.
        (await PublishAsync(admin, ProfileVersions.Closure(damaged.Profile, 2))).EnsureSuccessStatusCode();
        Assert.Equal(new ProfileResponse(damaged.Profile, 2, true, null, null, 0), (await ListAllAsync(client))[damaged.Profile]);
    }

    [Fact]
    public async Task List_ByTheCommandLine_ShowsWhatIsWrong()
    {
        using var admin = fixture.Admin;
        var closure = ProfileVersions.Closure(ProfileVersions.NewName(), 1);
        (await PublishAsync(admin, closure)).EnsureSuccessStatusCode();
        await ChangeAsync(closure.Profile, "versions", "closure", "durability: write", "durability: fsync");

        var result = await new Stella(fixture, "vera", KnownScopes.ProfilesRead).RunAsync("profile", "list", "--published");
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Matches($@"{closure.Profile}\s+1\s+\?\s+-\s+-\s+tampered", result.Output);
        Assert.Contains($"{closure.Profile}@1 is tampered: ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_RowWithAnotherVersionsBytes_IsFoundAndNeverServed()
    {
        using var admin = fixture.Admin;
        var name = ProfileVersions.NewName();
        (await PublishAsync(admin, ProfileVersions.Closure(name, 1))).EnsureSuccessStatusCode();
        (await PublishAsync(admin, ProfileVersions.Closure(name, 2))).EnsureSuccessStatusCode();
        await using (var change = fixture.Database.DataSource.CreateCommand(
            $"UPDATE profile.versions v SET closure = o.closure, author = o.author FROM profile.versions o WHERE v.profile = '{name}' AND o.profile = '{name}' AND v.version = 2 AND o.version = 1"))
        {
            Assert.Equal(1, await change.ExecuteNonQueryAsync());
        }

        var problem = await ProblemAssert.IsAsync(HttpStatusCode.InternalServerError, KnownProblems.Tampered, await admin.GetAsync($"/api/v1/profiles/{name}/versions/2"));
        Assert.Equal("digest_mismatch", problem.GetProperty("refusal").GetString());
        (await admin.GetAsync($"/api/v1/profiles/{name}/versions/1")).EnsureSuccessStatusCode();
    }

    [Theory]
    [InlineData("GET", "/api/v1/profiles", KnownScopes.ProfilesRead)]
    [InlineData("GET", "/api/v1/agents", KnownScopes.ProfilesRead)]
    [InlineData("GET", "/api/v1/fleet", KnownScopes.ProfilesRead)]
    [InlineData("GET", "/api/v1/rollouts", KnownScopes.ProfilesRead)]
    public async Task Request_TokenOfOneTenantOrWithoutTheScope_IsForbidden(string method, string path, string scope)
    {
        using var one = fixture.Service.Client(fixture.Issuer.Mint("tina", "shop", scope));
        using var none = fixture.Service.Client(fixture.Issuer.Mint("tina", "*", KnownScopes.TelemetryRead));
        using var first = new HttpRequestMessage(new HttpMethod(method), path);
        using var second = new HttpRequestMessage(new HttpMethod(method), path);
        await ProblemAssert.IsAsync(HttpStatusCode.Forbidden, KnownProblems.TenantNotAllowed, await one.SendAsync(first));
        await ProblemAssert.IsAsync(HttpStatusCode.Forbidden, KnownProblems.ScopeMissing, await none.SendAsync(second));
    }

    private Task<HttpResponseMessage> PublishAsync(HttpClient admin, ProfileClosure closure, byte[]? author = null) =>
        admin.SendJsonAsync($"/api/v1/profiles/{closure.Profile}/versions", new PublishProfileRequest(closure.ToBytes(), author ?? Signed.Version(closure)));

    private static async Task<Dictionary<string, ProfileResponse>> ListAllAsync(ProfileClient client)
    {
        var all = new Dictionary<string, ProfileResponse>();
        string? cursor = null;
        do
        {
            var page = await client.ListProfilesAsync(cursor, CancellationToken.None);
            foreach (var profile in page.Items)
            {
                all.Add(profile.Name, profile);
            }

            cursor = page.NextCursor;
        }
        while (cursor is not null);

        return all;
    }

    /// <summary>Changes bytes behind the service.</summary>
    private async Task ChangeAsync(string profile, string table, string column, string from, string to)
    {
        await using var change = fixture.Database.DataSource.CreateCommand(
            $"UPDATE profile.{table} SET {column} = convert_to(replace(convert_from({column}, 'UTF8'), $1, $2), 'UTF8') WHERE profile = $3");
        change.Parameters.AddWithValue(from);
        change.Parameters.AddWithValue(to);
        change.Parameters.AddWithValue(profile);
        Assert.Equal(1, await change.ExecuteNonQueryAsync());
    }

    /// <summary>The next version of the one profile that needs an approval by default.</summary>
    private async Task<ProfileClosure> PublishForensicAsync(HttpClient admin)
    {
        var page = await (await admin.GetAsync("/api/v1/profiles/forensic/versions?limit=1")).ReadAsync<Page<ProfileVersionResponse>>();
        var closure = ProfileVersions.Closure("forensic", page.Items.Count == 0 ? 1 : page.Items[0].Version + 1, "forensic");
        (await PublishAsync(admin, closure)).EnsureSuccessStatusCode();
        return closure;
    }
}
