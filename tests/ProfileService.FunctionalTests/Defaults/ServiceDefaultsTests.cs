using System.Net;
using Microsoft.AspNetCore.Builder;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.ServiceDefaults;
using StellaOps.Telemetry.Tests.Shared.Auth;
using StellaOps.Telemetry.Tests.Shared.Hosting;
using StellaOps.Telemetry.Tests.Shared.Postgres;

namespace StellaOps.Telemetry.ProfileService.FunctionalTests.Defaults;

/// <summary>What all services have in common, shown on this one.</summary>
public sealed class ServiceDefaultsTests(ProfileServiceFixture fixture) : IClassFixture<ProfileServiceFixture>
{
    public static TheoryData<string, string?> BadTokens()
    {
        var bad = new TheoryData<string, string?>
        {
            { "none", null },
            { "garbage", "abc" },
            { "ingest key", IngestKeyFormat.Create().Secret },
        };
        foreach (var name in new[] { "expired", "other issuer", "other audience", "no tenant", "bad tenant", "other key", "unsigned" })
        {
            bad.Add(name, "");
        }

        return bad;
    }

    [Theory]
    [MemberData(nameof(BadTokens))]
    public async Task Call_BadToken_IsUnauthenticatedProblem(string what, string? token)
    {
        using var stranger = new DevIssuer();
        var (hour, scopes) = (TimeSpan.FromHours(1), new[] { KnownScopes.Admin });
        token = what switch
        {
            "expired" => fixture.Issuer.Mint("alice", "*", TimeSpan.FromMinutes(-1), KnownIssuers.Development, KnownIssuers.Audience, scopes),
            "other issuer" => fixture.Issuer.Mint("alice", "*", hour, "urn:other", KnownIssuers.Audience, scopes),
            "other audience" => fixture.Issuer.Mint("alice", "*", hour, KnownIssuers.Development, "other", scopes),
            "no tenant" => fixture.Issuer.Mint("alice", null, hour, KnownIssuers.Development, KnownIssuers.Audience, scopes),
            "bad tenant" => fixture.Issuer.Mint("alice", "NOT A NAME", scopes),
            "other key" => stranger.Mint("alice", "*", scopes),
            "unsigned" => string.Join('.', "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0", fixture.Issuer.Mint("alice", "*", scopes).Split('.')[1], ""),
            _ => token,
        };
        using var client = fixture.Service.Client(token);
        var response = await client.GetAsync("/api/v1/tenants");
        await ProblemAssert.IsAsync(HttpStatusCode.Unauthorized, KnownProblems.Unauthenticated, response);
        Assert.NotEmpty(response.Headers.WwwAuthenticate);
    }

    [Fact]
    public async Task Call_WrongScope_IsScopeProblem()
    {
        using var viewer = fixture.Service.Client(fixture.Issuer.Mint("vic", "*", [.. KnownScopes.Roles["viewer"]]));
        (await viewer.GetAsync("/api/v1/tenants")).EnsureSuccessStatusCode();
        var response = await viewer.SendJsonAsync("/api/v1/tenants", new AddTenantRequest(ProfileServiceFixture.NewTenant(), null));
        await ProblemAssert.IsAsync(HttpStatusCode.Forbidden, KnownProblems.ScopeMissing, response);
    }

    [Fact]
    public async Task Call_UnknownPathMethodOrMediaType_IsProblem()
    {
        using var admin = fixture.Admin;
        admin.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, KnownProblems.NotFound, await admin.GetAsync("/api/v1/nothing"));
        await ProblemAssert.IsAsync(HttpStatusCode.MethodNotAllowed, KnownProblems.MethodNotAllowed, await admin.DeleteAsync("/api/v1/tenants"));
        using var text = new StringContent("tenant: x");
        await ProblemAssert.IsAsync(HttpStatusCode.UnsupportedMediaType, KnownProblems.UnsupportedMediaType, await admin.PostAsync("/api/v1/tenants", text));
    }

    [Fact]
    public async Task Tokens_IssuerKeyReplaced_OldOnesAreRefusedAndNewOnesTakenWithoutRestart()
    {
        using var issuer = new DevIssuer();
        await using var database = await TestDatabase.CreateAsync();
        var environment = fixture.Environment(database.ConnectionString);
        environment[KnownEnvironment.AuthJwksFile] = issuer.JwksFile;
        await using var service = await RunningService.StartAsync(ProfileServiceApp.Build(RunningService.Arguments(environment)));
        await service.ReadyAsync();
        using var old = service.Client(issuer.Mint("alice", "*", KnownScopes.Admin));
        (await old.GetAsync("/api/v1/tenants")).EnsureSuccessStatusCode();

        issuer.Rotate();
        using var young = service.Client(issuer.Mint("alice", "*", KnownScopes.Admin));
        await Tests.Shared.Processes.Eventually.HoldsAsync(
            async () => (await young.GetAsync("/api/v1/tenants")).IsSuccessStatusCode, TimeSpan.FromSeconds(5), "the new key is taken");
        Assert.Equal(HttpStatusCode.Unauthorized, (await old.GetAsync("/api/v1/tenants")).StatusCode);
    }

    [Fact]
    public async Task Probes_AreOpenAndMetricsAreInPrometheusText()
    {
        using var anyone = fixture.Service.Client();
        foreach (var path in new[] { "/health", "/alive", "/openapi/v1.json" })
        {
            Assert.Equal(HttpStatusCode.OK, (await anyone.GetAsync(path)).StatusCode);
        }

        using var admin = fixture.Admin;
        (await admin.GetAsync("/api/v1/tenants")).EnsureSuccessStatusCode();
        Assert.Contains("http_server_request_duration_seconds_count{", await anyone.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_EndpointWithoutScope_IsRefused()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var app = ProfileServiceApp.Build(RunningService.Arguments(fixture.Environment(database.ConnectionString)));
        app.MapGet("/forgotten", () => "secret");
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => app.StartAsync());
        Assert.Contains("/forgotten", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(KnownEnvironment.AuthJwksFile, null, "Stella__Auth__JwksFile")]
    [InlineData(KnownEnvironment.AuthJwksFile, "/nowhere/jwks.json", "Stella__Auth__JwksFile")]
    [InlineData(KnownEnvironment.IdentityKeyFile, null, "Stella__Identity__KeyFile")]
    [InlineData(KnownEnvironment.TrustFile, null, "Stella__Trust__File")]
    [InlineData(KnownEnvironment.TrustFile, "/nowhere/trust.json", "Stella__Trust__File")]
    [InlineData(KnownEnvironment.PostgresConnection, "Nonsense=1", "ConnectionStrings__telemetry")]
    [InlineData(KnownEnvironment.PostgresConnection, null, "ConnectionStrings__telemetry")]
    [InlineData(KnownEnvironment.SystemIngestKeyFile, "/nowhere/key", "Stella__Bootstrap__SystemIngestKeyFile")]
    public async Task Start_WrongSetting_EndsWithOneAndNamesIt(string key, string? value, string named)
    {
        var environment = fixture.Environment(fixture.Database.ConnectionString);
        environment.Remove(key);
        if (value is not null)
        {
            environment.Add(key, value);
        }

        await using var app = ProfileServiceApp.Build(RunningService.Arguments(environment));
        var error = Console.Error;
        await using var captured = new StringWriter();
        Console.SetError(TextWriter.Synchronized(captured));
        try
        {
            Assert.Equal(1, await app.RunStellaAsync([]));
        }
        finally
        {
            Console.SetError(error);
        }

        Assert.Contains(named, captured.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Database_AwayAtStart_IsNotReadyThenHeals()
    {
        await using var server = await PostgresServer.StartNewAsync();
        await using var database = await TestDatabase.CreateAsync(server);
        await server.StopAsync();
        await using var service = await RunningService.StartAsync(ProfileServiceApp.Build(RunningService.Arguments(fixture.Environment(database.ConnectionString))));
        using var admin = service.Client(fixture.Issuer.Mint("alice", "*", KnownScopes.Admin));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await admin.GetAsync("/health")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("/alive")).StatusCode);
        await ProblemAssert.IsAsync(HttpStatusCode.ServiceUnavailable, KnownProblems.Unavailable, await admin.GetAsync("/api/v1/tenants"));

        await server.StartAsync();
        await service.ReadyAsync();
        (await admin.GetAsync("/api/v1/tenants")).EnsureSuccessStatusCode();

        await server.StopAsync();
        await ProblemAssert.IsAsync(HttpStatusCode.ServiceUnavailable, KnownProblems.Unavailable, await admin.GetAsync("/api/v1/tenants"));
        await server.StartAsync();
        await service.ReadyAsync();
        (await admin.SendJsonAsync("/api/v1/tenants", new AddTenantRequest(ProfileServiceFixture.NewTenant(), null))).EnsureSuccessStatusCode();
    }
}
