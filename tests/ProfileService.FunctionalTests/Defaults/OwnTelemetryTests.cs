using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Tests.Shared.Hosting;
using StellaOps.Telemetry.Tests.Shared.Postgres;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.ProfileService.FunctionalTests.Defaults;

/// <summary>The service's own telemetry over OTLP/HTTP, received by a peer in this process.</summary>
public sealed class OwnTelemetryTests(ProfileServiceFixture fixture) : IClassFixture<ProfileServiceFixture>
{
    [Fact]
    public async Task Endpoint_Set_ExportsSpansMetricsAndLogsWithTheKeyButNoProbes()
    {
        var received = new ConcurrentQueue<(string Path, string? Authorization, byte[] Body)>();
        await using var peer = await RunningService.StartAsync(Receiver(received));
        await using var database = await TestDatabase.CreateAsync();
        var environment = fixture.Environment(database.ConnectionString);
        environment[KnownEnvironment.OtlpEndpoint] = peer.Url.ToString();
        environment[KnownEnvironment.OtlpHeaders] = $"authorization=Bearer {fixture.SystemKey}";
        environment[KnownEnvironment.OtelServiceName] = KnownServices.ProfileService;
        environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        await using (var service = await RunningService.StartAsync(ProfileServiceApp.Build(RunningService.Arguments(environment))))
        {
            await service.ReadyAsync();
            using var admin = service.Client(fixture.Issuer.Mint("alice", "*", KnownScopes.Admin));
            (await admin.GetAsync("/api/v1/tenants")).EnsureSuccessStatusCode();
            await Eventually.HoldsAsync(() => Holds(received, "GET /api/v1/tenants"u8), TimeSpan.FromSeconds(20), "the request's span is exported");
        }

        // Stopping flushes what is left.

        // A server span is named by method and route. This process's own client calls /health too: those spans are named GET.
        Assert.False(Holds(received, "GET /health"u8));
        Assert.True(Holds(received, "profile-service"u8));
        Assert.Equal(["/v1/logs", "/v1/metrics", "/v1/traces"], received.Select(r => r.Path).Distinct().Order(StringComparer.Ordinal));
        Assert.All(received, r => Assert.Equal($"Bearer {fixture.SystemKey}", r.Authorization));
    }

    /// <summary>Whether a span's text stands in what was received: protobuf keeps text as it is.</summary>
    private static bool Holds(ConcurrentQueue<(string Path, string? Authorization, byte[] Body)> received, ReadOnlySpan<byte> text)
    {
        foreach (var (path, _, body) in received)
        {
            if (path == "/v1/traces" && body.AsSpan().IndexOf(text) >= 0)
            {
                return true;
            }
        }

        return false;
    }

    private static WebApplication Receiver(ConcurrentQueue<(string Path, string? Authorization, byte[] Body)> received)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapPost("/v1/{signal}", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            received.Enqueue((request.Path, request.Headers.Authorization, body.ToArray()));
        });
        return app;
    }
}
