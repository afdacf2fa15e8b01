using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.Listeners;

public sealed class TlsTests : IDisposable
{
    private readonly TlsFolder _files = new();
    private readonly byte[] _request = OtlpBytes.Request(Signal.Traces);

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Send_CertificateThatNamesATenant_IsLoggedUnderIt()
    {
        await using var gateway = await GatewayUnderTest.StartTlsAsync(_files.Profile("require"));
        using var acme = new TlsSender(_files.Senders.Client("spiffe://test.example/tenant/acme/collector/edge-1"));
        using var globex = new TlsSender(_files.Senders.Client("spiffe://test.example/tenant/globex"));

        Assert.Equal(0, await acme.CallAsync(gateway.GrpcUrl, _request, ("x-scope-orgid", "globex")));
        Assert.Equal(HttpStatusCode.OK, await acme.PostAsync(gateway.HttpUrl, _request));
        Assert.Equal(HttpStatusCode.OK, await globex.PostAsync(gateway.HttpUrl, _request));

        Assert.Equal(["acme", "acme", "globex"], gateway.Log.Batches.Select(b => b.Tenant).Order());
    }

    [Theory]
    [InlineData("acme", "acme", 0)]
    [InlineData("acme", "globex", 7)]
    [InlineData(null, "globex", 0)]
    [InlineData("acme", "*", 7)]
    [InlineData("acme", "", 16)]
    [InlineData(null, null, 16)]
    public async Task Send_CertificateAndToken_HaveToNameOneTenant(string? certified, string? token, int expected)
    {
        await using var gateway = await GatewayUnderTest.StartTlsAsync(_files.Profile("require"));
        var certificate = certified is null ? _files.Senders.Client() : _files.Senders.Client($"spiffe://test.example/tenant/{certified}");
        using var sender = new TlsSender(certificate, token is null ? null : token.Length == 0 ? "no.such.token" : gateway.Writer(token));

        Assert.Equal(expected, await sender.CallAsync(gateway.GrpcUrl, _request));
        Assert.Equal(expected == 0 ? [token ?? certified!] : [], gateway.Log.Batches.Select(b => b.Tenant));
    }

    [Fact]
    public async Task Send_SeveralTokensBesideACertificate_AreRefused()
    {
        await using var gateway = await GatewayUnderTest.StartTlsAsync(_files.Profile("require"));
        using var sender = new TlsSender(_files.Senders.Client("spiffe://test.example/tenant/acme"));

        var status = await sender.PostAsync(gateway.HttpUrl, _request, ("authorization", "Bearer " + gateway.Writer("acme")), ("authorization", "Bearer " + gateway.Writer("globex")));

        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.Empty(gateway.Log.Batches);
    }

    [Fact]
    public async Task Send_CertificateOfTenantThatIsDisabledOrUnknown_IsRefusedAtOnce()
    {
        await using var gateway = await GatewayUnderTest.StartTlsAsync(_files.Profile("require"));
        using var acme = new TlsSender(_files.Senders.Client("spiffe://test.example/tenant/acme"));
        using var nobody = new TlsSender(_files.Senders.Client("spiffe://test.example/tenant/nobody"));
        Assert.Equal(HttpStatusCode.OK, await acme.PostAsync(gateway.HttpUrl, _request));

        gateway.Profiles.Tenant("acme", RegistrationState.Disabled);
        await gateway.KnowTenantAsync("later");

        Assert.Equal(HttpStatusCode.Forbidden, await acme.PostAsync(gateway.HttpUrl, _request));
        Assert.Equal(HttpStatusCode.Forbidden, await nobody.PostAsync(gateway.HttpUrl, _request));
    }

    [Theory]
    [InlineData("other authority")]
    [InlineData("ended")]
    [InlineData("for servers")]
    [InlineData("self-signed")]
    [InlineData("none")]
    public async Task Connect_CertificateThatIsNotGood_IsRefusedInTheHandshake(string what)
    {
        const string Id = "spiffe://test.example/tenant/acme";
        await using var gateway = await GatewayUnderTest.StartTlsAsync(_files.Profile("require"));
        using var other = new TestAuthority("senders");
        var certificate = what switch
        {
            "other authority" => other.Client(Id),
            "ended" => _files.Senders.Client(TimeSpan.FromMinutes(-1), Id),
            "for servers" => _files.Senders.ServerOnly(Id),
            "self-signed" => other.Certificate,
            _ => null,
        };
        using var sender = new TlsSender(certificate, gateway.Writer("acme"));

        await Assert.ThrowsAsync<HttpRequestException>(() => sender.PostAsync(gateway.HttpUrl, _request));
        await Assert.ThrowsAsync<HttpRequestException>(() => sender.CallAsync(gateway.GrpcUrl, _request));
        Assert.Empty(gateway.Log.Batches);
    }

    [Fact]
    public async Task Connect_WithoutCertificateWhereItIsOptional_NeedsAToken()
    {
        await using var gateway = await GatewayUnderTest.StartTlsAsync(_files.Profile("optional"));
        using var nameless = new TlsSender(null);
        using var token = new TlsSender(null, gateway.Writer("globex"));

        Assert.Equal(HttpStatusCode.Unauthorized, await nameless.PostAsync(gateway.HttpUrl, _request));
        Assert.Equal(0, await token.CallAsync(gateway.GrpcUrl, _request));
        Assert.Equal("globex", Assert.Single(gateway.Log.Batches).Tenant);
    }

    [Fact]
    public async Task Connect_BelowTheLowestVersion_IsRefused()
    {
        await using var gateway = await GatewayUnderTest.StartTlsAsync(_files.Profile("none", minVersion: "1.3"));
        using var old = new TlsSender(null, gateway.Writer("acme"), SslProtocols.Tls12);
        using var current = new TlsSender(null, gateway.Writer("acme"), SslProtocols.Tls13);

        await Assert.ThrowsAsync<HttpRequestException>(() => old.PostAsync(gateway.HttpUrl, _request));
        Assert.Equal(HttpStatusCode.OK, await current.PostAsync(gateway.HttpUrl, _request));
    }

    [Fact]
    public async Task Connect_HttpListenerOverTls_SpeaksBothVersionsOfHttp()
    {
        await using var gateway = await GatewayUnderTest.StartTlsAsync(_files.Profile("none"));
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, gateway.HttpUrl.Port);
        await using var tls = new SslStream(tcp.GetStream(), false, (_, _, _, _) => true);

        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "x", ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11] });

        Assert.Equal(SslApplicationProtocol.Http2, tls.NegotiatedApplicationProtocol);
    }

    [Fact]
    public async Task Files_Changed_NewConnectionsGetTheNewOnesAndOldOnesStay()
    {
        await using var gateway = await GatewayUnderTest.StartTlsAsync(_files.Profile("none"));
        using var before = new TlsSender(null, gateway.Writer("acme"));
        Assert.Equal(HttpStatusCode.OK, await before.PostAsync(gateway.HttpUrl, _request));
        var next = _files.Servers.Server();

        _files.Write(next);

        await ServesAsync(gateway, next);
        Assert.Equal(HttpStatusCode.OK, await before.PostAsync(gateway.HttpUrl, _request));
        Assert.NotEqual(next.GetCertHashString(), before.Served);
    }

    [Fact]
    public async Task Files_Broken_TheOldOnesStayAndItIsSaid()
    {
        await using var gateway = await GatewayUnderTest.StartTlsAsync(_files.Profile("none"));
        using var before = new TlsSender(null, gateway.Writer("acme"));
        await before.PostAsync(gateway.HttpUrl, _request);

        TlsFolder.Replace(_files.KeyFile, "-----BEGIN PRIVATE KEY-----\nno\n-----END PRIVATE KEY-----\n");

        await RefusedAsync(gateway, 1);
        using var after = new TlsSender(null, gateway.Writer("acme"));
        Assert.Equal(HttpStatusCode.OK, await after.PostAsync(gateway.HttpUrl, _request));
        Assert.Equal(before.Served, after.Served);
        using var api = gateway.Api();
        Assert.Contains("Degraded", await api.GetStringAsync("/health"), StringComparison.OrdinalIgnoreCase);

        var next = _files.Servers.Server();
        _files.Write(next);
        await ServesAsync(gateway, next);
        await RefusedAsync(gateway, 0);
    }

    [Fact]
    public async Task Files_AuthorityTakenAway_EndsConnectionsThatItVouchedFor()
    {
        await using var gateway = await GatewayUnderTest.StartTlsAsync(_files.Profile("require"));
        using var sender = new TlsSender(_files.Senders.Client("spiffe://test.example/tenant/acme"));
        Assert.Equal(HttpStatusCode.OK, await sender.PostAsync(gateway.HttpUrl, _request));
        using var others = new TestAuthority("others");
        using var other = new TlsSender(others.Client("spiffe://test.example/tenant/globex"));

        _files.WriteClientAuthority(others.Pem);

        await Eventually.HoldsAsync(async () => await StatusOrNullAsync(other, gateway) == HttpStatusCode.OK, TimeSpan.FromSeconds(10), "the new authority is trusted");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await sender.PostAsync(gateway.HttpUrl, _request));
        await Assert.ThrowsAsync<HttpRequestException>(() => sender.PostAsync(gateway.HttpUrl, _request));
    }

    private async Task ServesAsync(GatewayUnderTest gateway, X509Certificate2 expected) => await Eventually.HoldsAsync(
        async () =>
        {
            using var sender = new TlsSender(null, gateway.Writer("acme"));
            return await sender.PostAsync(gateway.HttpUrl, _request) == HttpStatusCode.OK && sender.Served == expected.GetCertHashString();
        },
        TimeSpan.FromSeconds(10),
        "new connections get the new certificate");

    private static async Task RefusedAsync(GatewayUnderTest gateway, double expected) => await Eventually.HoldsAsync(
        async () =>
        {
            using var api = gateway.Api();
            var metrics = await api.GetStringAsync("/metrics");
            return metrics.Split('\n').Any(l => l.StartsWith("telemetry_tls_refused", StringComparison.Ordinal)
                && double.Parse(l[(l.LastIndexOf(l.Contains('}') ? '}' : ' ') + 1)..].Trim().Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture) == expected);
        },
        TimeSpan.FromSeconds(10),
        $"telemetry_tls_refused is {expected}");

    private async Task<HttpStatusCode?> StatusOrNullAsync(TlsSender sender, GatewayUnderTest gateway)
    {
        try
        {
            return await sender.PostAsync(gateway.HttpUrl, _request);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
