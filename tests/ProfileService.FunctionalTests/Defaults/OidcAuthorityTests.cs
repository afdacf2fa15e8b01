using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.ServiceDefaults.Auth;
using StellaOps.Telemetry.Tests.Shared.Auth;
using StellaOps.Telemetry.Tests.Shared.Hosting;
using StellaOps.Telemetry.Tests.Shared.Postgres;

namespace StellaOps.Telemetry.ProfileService.FunctionalTests.Defaults;

/// <summary>Tokens of an OIDC provider: here a peer that serves the two documents which matter.</summary>
public sealed class OidcAuthorityTests(ProfileServiceFixture fixture) : IClassFixture<ProfileServiceFixture>
{
    [Fact]
    public async Task Authority_Set_ItsTokensAreTakenAndTheDevelopmentIssuersAreNot()
    {
        using var provider = new DevIssuer();
        await using var peer = await RunningService.StartAsync(Provider(provider));
        var authority = peer.Url.ToString().TrimEnd('/');
        await using var database = await TestDatabase.CreateAsync();
        var environment = fixture.Environment(database.ConnectionString);
        environment.Remove(KnownEnvironment.AuthJwksFile);
        environment[KnownEnvironment.AuthAuthority] = authority;
        await using var service = await RunningService.StartAsync(ProfileServiceApp.Build(RunningService.Arguments(environment)));
        await service.ReadyAsync();

        var good = provider.Mint("olga", "*", TimeSpan.FromHours(1), authority, KnownIssuers.Audience, KnownScopes.ProfilesRead);
        using var olga = service.Client(good);
        (await olga.GetAsync("/api/v1/tenants")).EnsureSuccessStatusCode();
        foreach (var bad in new[]
        {
            fixture.Issuer.Mint("alice", "*", KnownScopes.Admin),
            provider.Mint("olga", "*", KnownScopes.ProfilesRead),
            fixture.Issuer.Mint("mallory", "*", TimeSpan.FromHours(1), authority, KnownIssuers.Audience, KnownScopes.Admin),
        })
        {
            using var client = service.Client(bad);
            await ProblemAssert.IsAsync(HttpStatusCode.Unauthorized, KnownProblems.Unauthenticated, await client.GetAsync("/api/v1/tenants"));
        }

        // Listeners that judge tokens themselves come to the same judgement.
        var validator = service.App.Services.GetRequiredService<TokenValidator>();
        Assert.Equal("olga", (await validator.ValidateAsync(good, TestContext.Current.CancellationToken))?.Actor());
        Assert.Null(await validator.ValidateAsync(fixture.Issuer.Mint("alice", "*", KnownScopes.Admin), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task TokenValidator_DevelopmentIssuer_TakesGoodTokensOnly()
    {
        var validator = fixture.Service.App.Services.GetRequiredService<TokenValidator>();
        var token = TestContext.Current.CancellationToken;
        Assert.Equal("bob", (await validator.ValidateAsync(fixture.Issuer.Mint("bob", "shop", KnownScopes.TelemetryWrite), token))?.Actor());
        Assert.Null(await validator.ValidateAsync(fixture.Issuer.Mint("bob", "NOT A NAME", KnownScopes.TelemetryWrite), token));
        Assert.Null(await validator.ValidateAsync(
            fixture.Issuer.Mint("bob", "shop", TimeSpan.FromMinutes(-1), KnownIssuers.Development, KnownIssuers.Audience, KnownScopes.TelemetryWrite), token));
        Assert.Null(await validator.ValidateAsync("garbage", token));
    }

    private static WebApplication Provider(DevIssuer provider)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapGet("/.well-known/openid-configuration", (HttpRequest request) =>
        {
            var self = $"http://{request.Host}";
            return Results.Json(new Dictionary<string, string> { ["issuer"] = self, ["jwks_uri"] = $"{self}/keys" });
        });
        app.MapGet("/keys", () => Results.Text(File.ReadAllText(provider.JwksFile), "application/json"));
        return app;
    }
}
