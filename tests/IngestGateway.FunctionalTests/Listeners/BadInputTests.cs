using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Grpc.Core;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.Listeners;

/// <summary>Each fault has its specified answer over both protocols, is counted, leaves nothing in the log, and disturbs no good sender.</summary>
public sealed class BadInputTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private readonly GatewayUnderTest _gateway = fixture.Gateway;

    [Theory]
    [InlineData("truncated", StatusCode.InvalidArgument, HttpStatusCode.BadRequest, "malformed")]
    [InlineData("noise", StatusCode.InvalidArgument, HttpStatusCode.BadRequest, "malformed")]
    [InlineData("deep", StatusCode.InvalidArgument, HttpStatusCode.BadRequest, "too_deep")]
    [InlineData("records", StatusCode.ResourceExhausted, HttpStatusCode.RequestEntityTooLarge, "too_many_records")]
    [InlineData("large", StatusCode.ResourceExhausted, HttpStatusCode.RequestEntityTooLarge, "request_too_large")]
    [InlineData("gzip-bomb", StatusCode.ResourceExhausted, HttpStatusCode.RequestEntityTooLarge, "decompressed_too_large")]
    [InlineData("zstd-bomb", StatusCode.ResourceExhausted, HttpStatusCode.RequestEntityTooLarge, "decompressed_too_large")]
    public async Task Send_BadBytes_AreRefused(string what, StatusCode grpc, HttpStatusCode http, string reason)
    {
        var (body, encoding) = what switch
        {
            "truncated" => (OtlpBytes.Request(Signal.Traces, 3)[..^5], "identity"),
            "noise" => (Encoding.ASCII.GetBytes("this is not protobuf, whatever it claims"), "identity"),
            "deep" => (OtlpBytes.Deep(40), "identity"),
            "records" => (OtlpBytes.Request(Signal.Traces, 501, padding: 0), "identity"),
            "large" => (OtlpBytes.Request(Signal.Traces, 100, padding: 1000), "identity"),
            "gzip-bomb" => (new byte[TestProfiles.MaxDecompressed + 1], "gzip"),
            _ => (new byte[10_000_000], "zstd"),
        };
        await AssertRefusedAsync(await KnownTenantAsync(), null, body, encoding, grpc, http, reason);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd")]
    public async Task Send_BodyThatIsNotCompressedAsItSays_IsRefused(string encoding)
    {
        var tenant = await KnownTenantAsync();
        using var violations = new MeasuredCount(_gateway, "telemetry.ingest.violations", "reason", "bad_compression");

        using var answer = await PostAsync(_gateway.Writer(tenant), OtlpBytes.Request(Signal.Traces), encoding);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(1, violations.Count);
        Assert.DoesNotContain(_gateway.Log.Batches, b => b.Tenant == tenant);
    }

    [Fact]
    public async Task Send_ManyBytesWithoutALength_IsRefusedWhileReading()
    {
        using var client = _gateway.Otlp(_gateway.Writer("acme"));
        client.DefaultRequestHeaders.TransferEncodingChunked = true;
        using var content = new ByteArrayContent(new byte[TestProfiles.MaxRequest + 1]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");

        using var answer = await client.PostAsync("/v1/traces", content);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Theory]
    [InlineData("none", StatusCode.Unauthenticated, HttpStatusCode.Unauthorized, "unauthenticated")]
    [InlineData("garbage", StatusCode.Unauthenticated, HttpStatusCode.Unauthorized, "unauthenticated")]
    [InlineData("expired", StatusCode.Unauthenticated, HttpStatusCode.Unauthorized, "unauthenticated")]
    [InlineData("other-issuer", StatusCode.Unauthenticated, HttpStatusCode.Unauthorized, "unauthenticated")]
    [InlineData("other-audience", StatusCode.Unauthenticated, HttpStatusCode.Unauthorized, "unauthenticated")]
    [InlineData("no-tenant", StatusCode.Unauthenticated, HttpStatusCode.Unauthorized, "unauthenticated")]
    [InlineData("wrong-scope", StatusCode.PermissionDenied, HttpStatusCode.Forbidden, "scope_missing")]
    [InlineData("all-tenants", StatusCode.PermissionDenied, HttpStatusCode.Forbidden, "tenant_not_single")]
    [InlineData("unknown-tenant", StatusCode.PermissionDenied, HttpStatusCode.Forbidden, "tenant_unknown")]
    [InlineData("disabled-tenant", StatusCode.PermissionDenied, HttpStatusCode.Forbidden, "tenant_disabled")]
    [InlineData("revoked-key", StatusCode.Unauthenticated, HttpStatusCode.Unauthorized, "unauthenticated")]
    [InlineData("unknown-key", StatusCode.Unauthenticated, HttpStatusCode.Unauthorized, "unauthenticated")]
    public async Task Send_BadCredential_IsRefused(string what, StatusCode grpc, HttpStatusCode http, string reason)
    {
        var tenant = await KnownTenantAsync();
        var issuer = _gateway.Issuer;
        var hour = TimeSpan.FromHours(1);
        var token = what switch
        {
            "none" => null,
            "garbage" => "a.b.c",
            "expired" => issuer.Mint("s", tenant, TimeSpan.FromMinutes(-1), KnownIssuers.Development, KnownIssuers.Audience, KnownScopes.TelemetryWrite),
            "other-issuer" => issuer.Mint("s", tenant, hour, "urn:other", KnownIssuers.Audience, KnownScopes.TelemetryWrite),
            "other-audience" => issuer.Mint("s", tenant, hour, KnownIssuers.Development, "other", KnownScopes.TelemetryWrite),
            "no-tenant" => issuer.Mint("s", null, hour, KnownIssuers.Development, KnownIssuers.Audience, KnownScopes.TelemetryWrite),
            "wrong-scope" => issuer.Mint("s", tenant, KnownScopes.TelemetryRead),
            "all-tenants" => issuer.Mint("s", "*", KnownScopes.TelemetryWrite),
            "unknown-tenant" => issuer.Mint("s", "nobody", KnownScopes.TelemetryWrite),
            "disabled-tenant" => await DisabledTenantAsync(),
            "revoked-key" => await RevokedKeyAsync(tenant),
            _ => IngestKeyFormat.Create().Secret,
        };
        await AssertRefusedAsync(tenant, token ?? "", OtlpBytes.Request(Signal.Traces), "identity", grpc, http, reason);
    }

    [Fact]
    public async Task Send_HeadersThatNameAnotherTenant_AreIgnored()
    {
        var tenant = await KnownTenantAsync();
        using var sender = _gateway.Grpc(_gateway.Writer(tenant));

        await sender.ExportAsync(
            Signal.Traces, OtlpBytes.Request(Signal.Traces), null, ("x-scope-orgid", "globex"), ("tenant", "globex"), ("x-tenant-id", "globex"), ("stella-tenant", "globex"));

        Assert.Single(_gateway.Log.Batches, b => b.Tenant == tenant);
        Assert.DoesNotContain(_gateway.Log.Batches, b => b.Tenant == "globex");
    }

    [Fact]
    public async Task Send_Replay_NeedsTheScopeAndCarriesTheMark()
    {
        var tenant = await KnownTenantAsync(TenantKind.Replay);
        using var writer = _gateway.Grpc(_gateway.Writer(tenant));
        using var replayer = _gateway.Grpc(_gateway.Issuer.Mint("r", tenant, KnownScopes.ReplayWrite));

        Assert.Equal(StatusCode.PermissionDenied, (await writer.RefusedAsync(Signal.Traces, OtlpBytes.Request(Signal.Traces), null, (KnownHeaders.Replay, "r1/0"))).StatusCode);
        Assert.Equal(StatusCode.PermissionDenied, (await replayer.RefusedAsync(Signal.Traces, OtlpBytes.Request(Signal.Traces))).StatusCode);
        await replayer.ExportAsync(Signal.Traces, OtlpBytes.Request(Signal.Traces), null, (KnownHeaders.Replay, "r1/0"));

        Assert.Equal("r1/0", Assert.Single(_gateway.Log.Batches, b => b.Tenant == tenant).ReplayMark);
    }

    [Theory]
    [InlineData(TenantKind.Live, "r1/0", "replay_into_live_tenant")]
    [InlineData(TenantKind.Replay, null, "live_into_replay_target")]
    public async Task Send_IntoATenantOfTheOtherKind_IsRefusedAndNothingIsLogged(TenantKind kind, string? mark, string reason)
    {
        var tenant = await KnownTenantAsync(kind);
        var token = _gateway.Issuer.Mint("r", tenant, KnownScopes.TelemetryWrite, KnownScopes.ReplayWrite);
        using var grpc = _gateway.Grpc(token);
        (string, string)[] headers = mark is null ? [] : [(KnownHeaders.Replay, mark)];
        var before = await _gateway.MetricAsync("telemetry_ingest_violations_total", $"reason=\"{reason}\"");

        Assert.Equal(StatusCode.PermissionDenied, (await grpc.RefusedAsync(Signal.Traces, OtlpBytes.Request(Signal.Traces), null, headers)).StatusCode);
        using var http = _gateway.Otlp(token);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/logs") { Content = new ByteArrayContent(OtlpBytes.Request(Signal.Logs)) };
        request.Content.Headers.ContentType = new("application/x-protobuf");
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        using var answer = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.DoesNotContain(_gateway.Log.Batches, b => b.Tenant == tenant);
        await _gateway.MetricIsAsync(before + 2, "telemetry_ingest_violations_total", $"reason=\"{reason}\"");
    }

    [Fact]
    public async Task Send_SenderThatHangsUpInTheMiddle_DisturbsNobody()
    {
        for (var i = 0; i < 20; i++)
        {
            using var tcp = new TcpClient();
            await tcp.ConnectAsync(IPAddress.Loopback, _gateway.HttpUrl.Port);
            await tcp.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
                $"POST /v1/traces HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {_gateway.Writer("acme")}\r\nContent-Type: application/x-protobuf\r\nContent-Length: 5000\r\n\r\nabc"));
        }

        await AssertGoodSenderAsync();
    }

    private async Task AssertRefusedAsync(string tenant, string? token, byte[] plain, string encoding, StatusCode grpc, HttpStatusCode http, string reason)
    {
        token ??= _gateway.Writer(tenant);
        using var violations = new MeasuredCount(_gateway, "telemetry.ingest.violations", "reason", reason);

        using var sender = _gateway.Grpc(token.Length == 0 ? null : token);
        var refused = await sender.RefusedAsync(Signal.Traces, plain, encoding == "identity" ? null : encoding);
        using var answer = await PostAsync(token, Compressed.With(encoding, plain), encoding);

        Assert.Equal(grpc, refused.StatusCode);
        Assert.Equal(0, RetryInfo.SecondsOf(refused));
        Assert.Equal(http, answer.StatusCode);
        Assert.Null(answer.Headers.RetryAfter);
        Assert.Equal(2, violations.Count);
        Assert.DoesNotContain(_gateway.Log.Batches, b => b.Tenant == tenant);
        await AssertGoodSenderAsync();
    }

    private async Task AssertGoodSenderAsync()
    {
        var tenant = await KnownTenantAsync();
        using var accepted = new MeasuredCount(_gateway, "telemetry.ingest.records", "tenant", tenant);
        using var good = _gateway.Grpc(_gateway.Writer(tenant));
        await good.ExportAsync(Signal.Traces, OtlpBytes.Request(Signal.Traces, 2));

        Assert.Single(_gateway.Log.Batches, b => b.Tenant == tenant);
        Assert.Equal(2, accepted.Count);
    }

    private async Task<HttpResponseMessage> PostAsync(string token, byte[] body, string encoding)
    {
        using var client = _gateway.Otlp(token.Length == 0 ? null : token);
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        if (encoding != "identity")
        {
            content.Headers.ContentEncoding.Add(encoding);
        }

        return await client.PostAsync("/v1/traces", content);
    }

    private async Task<string> DisabledTenantAsync()
    {
        var tenant = await KnownTenantAsync();
        var token = _gateway.Writer(tenant);
        _gateway.Profiles.Tenant(tenant, RegistrationState.Disabled);
        await KnownTenantAsync();
        return token;
    }

    private async Task<string> RevokedKeyAsync(string tenant)
    {
        var key = _gateway.Profiles.NewKey(tenant);
        _gateway.Profiles.Revoke(key);
        await KnownTenantAsync();
        return key;
    }

    /// <summary>A new tenant; when it is known, so is everything that was registered before.</summary>
    private async Task<string> KnownTenantAsync(TenantKind kind = TenantKind.Live)
    {
        var tenant = "t-" + Guid.NewGuid().ToString("n")[..8];
        await _gateway.KnowTenantAsync(tenant, kind);
        return tenant;
    }
}
