using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Google.Protobuf;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StellaOps.Telemetry.Tests.Shared.OpAmp;

namespace StellaOps.Telemetry.OpAmp.Tests.Specification;

/// <summary>Section "Authentication": before the upgrade, by what the application requires of the endpoint.</summary>
public sealed class AuthenticationTests : IAsyncLifetime
{
    private const string Scheme = "Known";

    private OpAmpHost _host = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _host = await OpAmpHost.StartAsync(
        build: b =>
        {
            b.Services.AddAuthentication(Scheme).AddScheme<AuthenticationSchemeOptions, KnownHandler>(Scheme, _ => { });
            b.Services.AddAuthorization();
        },
        map: e => e.RequireAuthorization());

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Http_WithoutCredentials_IsUnauthorized()
    {
        using var response = await HttpExchange.SendAsync(_host, HttpExchange.Request(TestAgents.Full(TestAgents.Uid(1), 1).ToByteArray()));

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Empty(_host.Server.Messages);
    }

    [Fact]
    public async Task WebSocket_WithoutCredentials_IsNotUpgraded()
    {
        await using var stream = await _host.ConnectAsync(Token);
        await stream.WriteAsync(WireClient.Handshake, Token);

        Assert.StartsWith("HTTP/1.1 401 ", (await new ExchangeReader(stream, 1, isFromClient: false).NextAsync(Token))!.Head(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Http_WithCredentials_IsKnownToTheServer()
    {
        using var request = HttpExchange.Request(TestAgents.Full(TestAgents.Uid(1), 1).ToByteArray());
        request.Headers.Authorization = new("Bearer", "edge-7");

        using var response = await HttpExchange.SendAsync(_host, request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("edge-7", _host.Server.Connections.Keys.Single().User.Identity!.Name);
    }

    /// <summary>The token is the name.</summary>
    private sealed class KnownHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            var header = Request.Headers.Authorization.ToString();
            return Task.FromResult(header.StartsWith("Bearer ", StringComparison.Ordinal)
                ? AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, header[7..])], Scheme.Name)), Scheme.Name))
                : AuthenticateResult.NoResult());
        }
    }
}
