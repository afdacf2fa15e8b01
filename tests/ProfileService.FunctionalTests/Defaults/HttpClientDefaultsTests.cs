using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.ServiceDefaults;
using StellaOps.Telemetry.ServiceDefaults.Auth;
using StellaOps.Telemetry.Tests.Shared.Auth;
using StellaOps.Telemetry.Tests.Shared.Hosting;

namespace StellaOps.Telemetry.ProfileService.FunctionalTests.Defaults;

/// <summary>Calls from one service to another.</summary>
public sealed class HttpClientDefaultsTests : IAsyncLifetime, IDisposable
{
    private readonly ConcurrentQueue<string> _received = new();
    private readonly DevIssuer _issuer = new();
    private readonly string _tokenFile = Path.GetTempFileName();
    private RunningService _peer = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();

        // Fails the first time, whoever asks.
        app.Map("/{**path}", (HttpRequest request) =>
        {
            _received.Enqueue($"{request.Method} {request.Headers.Authorization}".Trim());
            return Results.StatusCode(_received.Count == 1 ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status204NoContent);
        });
        _peer = await RunningService.StartAsync(app);
    }

    public async ValueTask DisposeAsync() => await _peer.DisposeAsync();

    public void Dispose()
    {
        _issuer.Dispose();
        File.Delete(_tokenFile);
    }

    [Fact]
    public async Task Get_PeerFailsOnce_IsRepeated()
    {
        await using var app = Build();
        using var client = Client(app);
        Assert.Equal(HttpStatusCode.NoContent, (await client.GetAsync("/x")).StatusCode);
        Assert.Equal(["GET", "GET"], _received);
    }

    [Fact]
    public async Task Post_PeerFailsOnce_IsRepeatedOnlyWithAnIdempotencyKey()
    {
        await using var app = Build();
        using var client = Client(app);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.PostAsync("/x", null)).StatusCode);
        Assert.Equal(["POST"], _received);

        _received.Clear();
        client.DefaultRequestHeaders.Add(KnownHeaders.IdempotencyKey, "one");
        Assert.Equal(HttpStatusCode.NoContent, (await client.PostAsync("/x", null)).StatusCode);
        Assert.Equal(["POST", "POST"], _received);
    }

    [Fact]
    public async Task ServiceName_InAddress_IsResolvedFromTheEnvironmentAndTheTokenIsTheFilesOwn()
    {
        await using var app = Build($"--services:{KnownServices.IncidentService}:http:0={_peer.Url}");
        using var client = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient("service");
        client.BaseAddress = new Uri($"http://{KnownServices.IncidentService}");
        await File.WriteAllTextAsync(_tokenFile, "first\n");
        (await client.GetAsync("/x")).EnsureSuccessStatusCode();
        await File.WriteAllTextAsync(_tokenFile, "second\n");
        (await client.GetAsync("/x")).EnsureSuccessStatusCode();
        Assert.Equal(["GET Bearer first", "GET Bearer first", "GET Bearer second"], _received);
    }

    private HttpClient Client(WebApplication app)
    {
        var client = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient("plain");
        client.BaseAddress = _peer.Url;
        return client;
    }

    private WebApplication Build(params string[] arguments)
    {
        var builder = WebApplication.CreateBuilder([.. arguments, $"--Stella:Auth:JwksFile={_issuer.JwksFile}", $"--Stella:Auth:ServiceTokenFile={_tokenFile}"]);
        builder.AddStellaServiceDefaults("test");
        builder.Services.AddHttpClient("service").AddServiceToken();
        return builder.Build();
    }
}
