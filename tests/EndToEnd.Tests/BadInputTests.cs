using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Grpc.Core;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.EndToEnd.Tests.TestServices;
using StellaOps.Telemetry.Tests.Shared.Otlp;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.EndToEnd.Tests;

/// <summary>
/// What is wrong gets its specified answer over gRPC and HTTP, is counted under its reason, leaves nothing behind, and a good tenant that
/// sends all the while by both protocols loses nothing and is never refused.
/// </summary>
[Collection(nameof(SharedStackCollection))]
public sealed class BadInputTests(SharedStack shared, BadInputTests.Tenants tenants, ITestOutputHelper output) : IClassFixture<BadInputTests.Tenants>
{
    private const int MaxRequest = 16 << 20;
    private const int MaxDepth = 32;
    private const int MaxDecompressed = 64 << 20;
    private static readonly TimeSpan s_takesEffectWithin = TimeSpan.FromSeconds(2);

    private readonly RunningStack _stack = shared.Stack;

    [Theory]
    [InlineData("truncated", StatusCode.InvalidArgument, HttpStatusCode.BadRequest, "malformed")]
    [InlineData("noise", StatusCode.InvalidArgument, HttpStatusCode.BadRequest, "malformed")]
    [InlineData("deep", StatusCode.InvalidArgument, HttpStatusCode.BadRequest, "too_deep")]
    [InlineData("very-deep", StatusCode.InvalidArgument, HttpStatusCode.BadRequest, "too_deep")]
    [InlineData("records", StatusCode.ResourceExhausted, HttpStatusCode.RequestEntityTooLarge, "too_many_records")]
    [InlineData("large", StatusCode.ResourceExhausted, HttpStatusCode.RequestEntityTooLarge, "request_too_large")]
    [InlineData("gzip-bomb", StatusCode.ResourceExhausted, HttpStatusCode.RequestEntityTooLarge, "decompressed_too_large")]
    [InlineData("zstd-bomb", StatusCode.ResourceExhausted, HttpStatusCode.RequestEntityTooLarge, "decompressed_too_large")]
    [InlineData("not-gzip", StatusCode.InvalidArgument, HttpStatusCode.BadRequest, "bad_compression")]
    [InlineData("not-zstd", StatusCode.InvalidArgument, HttpStatusCode.BadRequest, "bad_compression")]
    [InlineData("snappy", StatusCode.Unimplemented, HttpStatusCode.UnsupportedMediaType, "unsupported_compression")]
    public async Task Send_BadBody_IsRefused(string what, StatusCode grpc, HttpStatusCode http, string reason)
    {
        var (body, encoding) = what switch
        {
            "truncated" => (OtlpBytes.Request(Signal.Traces, 3)[..^5], "identity"),
            "noise" => (Encoding.ASCII.GetBytes("this is not protobuf, whatever it claims"), "identity"),
            "deep" => (OtlpBytes.Deep(MaxDepth + 1), "identity"),
            "very-deep" => (OtlpBytes.Deep(5000), "identity"),
            "records" => (OtlpBytes.Request(Signal.Traces, 100_001, padding: 0), "identity"),
            "large" => (OtlpBytes.Request(Signal.Traces, 1, padding: MaxRequest), "identity"),
            "gzip-bomb" => (new byte[MaxDecompressed + 1], "gzip"),
            "zstd-bomb" => (new byte[MaxDecompressed + 1], "zstd"),
            _ => (OtlpBytes.Request(Signal.Traces), what.Replace("not-", "", StringComparison.Ordinal)),
        };
        var isLie = what is "not-gzip" or "not-zstd" or "snappy";
        await AssertRefusedAsync(tenants.Bad.IngestKey, body, encoding, isLie, grpc, http, reason);
    }

    [Theory]
    [InlineData("none", StatusCode.Unauthenticated, HttpStatusCode.Unauthorized, "unauthenticated")]
    [InlineData("garbage", StatusCode.Unauthenticated, HttpStatusCode.Unauthorized, "unauthenticated")]
    [InlineData("expired", StatusCode.Unauthenticated, HttpStatusCode.Unauthorized, "unauthenticated")]
    [InlineData("other-tenant-written-in", StatusCode.Unauthenticated, HttpStatusCode.Unauthorized, "unauthenticated")]
    [InlineData("unknown-key", StatusCode.Unauthenticated, HttpStatusCode.Unauthorized, "unauthenticated")]
    [InlineData("wrong-scope", StatusCode.PermissionDenied, HttpStatusCode.Forbidden, "scope_missing")]
    [InlineData("all-tenants", StatusCode.PermissionDenied, HttpStatusCode.Forbidden, "tenant_not_single")]
    [InlineData("unknown-tenant", StatusCode.PermissionDenied, HttpStatusCode.Forbidden, "tenant_unknown")]
    public async Task Send_BadCredential_IsRefused(string what, StatusCode grpc, HttpStatusCode http, string reason)
    {
        var process = shared.Process;
        var bad = tenants.Bad.Name;
        var token = what switch
        {
            "none" => null,
            "garbage" => "a.b.c",
            "expired" => process.MintToken("sender", bad, TimeSpan.FromMinutes(-10), KnownScopes.TelemetryWrite),
            "other-tenant-written-in" => WithTenant(process.MintToken("sender", bad, KnownScopes.TelemetryWrite), bad, tenants.Good.Name),
            "wrong-scope" => process.MintToken("sender", bad, KnownScopes.TelemetryRead, KnownScopes.IncidentsWrite),
            "all-tenants" => process.MintToken("sender", "*", KnownScopes.TelemetryWrite),
            "unknown-tenant" => process.MintToken("sender", SharedStack.NewTenantName("nobody"), KnownScopes.TelemetryWrite),
            _ => IngestKeyFormat.Create().Secret,
        };
        await AssertRefusedAsync(token, OtlpBytes.Request(Signal.Traces), "identity", isLie: false, grpc, http, reason);
    }

    [Theory]
    [InlineData("""{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":""", "malformed")]
    [InlineData("""{"resourceSpans":7}""", "malformed")]
    [InlineData("""[]""", "malformed")]
    public async Task Send_BadJson_IsRefusedInJson(string body, string reason)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var good = SteadySender.Start(_stack, tenants.Good);
        var before = await ViolationsAsync(reason);

        using var answer = await PostAsync(tenants.Bad.IngestKey, Encoding.UTF8.GetBytes(body), "identity", "application/json");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        await AssertCountedAsync(reason, before + 1);
        await good.AssertUndisturbedAsync(cancellationToken);
    }

    [Fact]
    public async Task RevokedKey_IsRefusedWithinTwoSeconds()
    {
        var tenant = await NewTenantAsync("revoked");
        Assert.True(IngestKeyFormat.TryGetKeyId(tenant.IngestKey, out var keyId));
        await AssertTakesEffectAsync(tenant, (client, cancellationToken) => client.RevokeIngestKeyAsync(keyId, cancellationToken), StatusCode.Unauthenticated, HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Fact]
    public async Task DisabledTenant_IsRefusedWithinTwoSeconds()
    {
        var tenant = await NewTenantAsync("disabled");
        await AssertTakesEffectAsync(
            tenant, (client, cancellationToken) => client.DisableTenantAsync(TenantId.Parse(tenant.Name), cancellationToken), StatusCode.PermissionDenied, HttpStatusCode.Forbidden, "tenant_disabled");

        // A token of that tenant is no way around it.
        var token = shared.Process.MintToken("sender", tenant.Name, KnownScopes.TelemetryWrite);
        await AssertRefusedAsync(token, OtlpBytes.Request(Signal.Traces), "identity", isLie: false, StatusCode.PermissionDenied, HttpStatusCode.Forbidden, "tenant_disabled");
    }

    private async Task AssertTakesEffectAsync(TenantSender tenant, Func<ProfileClient, CancellationToken, Task> change, StatusCode grpc, HttpStatusCode http, string reason)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await Task.Delay(Tenants.ScrapeCache, cancellationToken);
        await using var good = SteadySender.Start(_stack, tenants.Good);
        using (var admin = RunningStack.NewAdminHttp(_stack.Url(KnownServices.ProfileService, "http"), _stack.Token))
        {
            await change(new ProfileClient(admin), cancellationToken);
        }

        var clock = Stopwatch.StartNew();
        var before = await ViolationsAsync(reason);
        using var client = new HttpClient();
        HttpStatusCode status;
        while ((status = await tenant.PostAsync(client, "traces", OtlpBytes.Request(Signal.Traces), "application/x-protobuf", cancellationToken)) == HttpStatusCode.OK)
        {
            Assert.True(clock.Elapsed < s_takesEffectWithin, $"still taken {clock.ElapsedMilliseconds} ms after the answer");
        }

        output.WriteLine($"refused {clock.ElapsedMilliseconds} ms after the answer");
        Assert.Equal(http, status);
        await AssertCountedAsync(reason, before + 1);
        await good.AssertUndisturbedAsync(cancellationToken);
        await AssertRefusedAsync(tenant.IngestKey, OtlpBytes.Request(Signal.Traces), "identity", isLie: false, grpc, http, reason);
    }

    private async Task AssertRefusedAsync(string? token, byte[] plain, string encoding, bool isLie, StatusCode grpc, HttpStatusCode http, string reason)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var body = isLie ? plain : Compressed.With(encoding, plain);
        var badBefore = await AcceptedAsync(tenants.Bad.Name, cancellationToken);
        await using var good = SteadySender.Start(_stack, tenants.Good);
        var before = await ViolationsAsync(reason);

        using var sender = new GrpcSender(_stack.GrpcUrl, token, isLie);
        var refused = await sender.RefusedAsync(Signal.Traces, plain, encoding == "identity" ? null : encoding);
        using var answer = await PostAsync(token, body, encoding, "application/x-protobuf");

        Assert.Equal(grpc, refused.StatusCode);
        Assert.Equal(http, answer.StatusCode);

        // Final: nothing tells the sender to try the same again.
        Assert.Null(answer.Headers.RetryAfter);
        Assert.DoesNotContain(refused.Trailers, t => t.Key == "grpc-status-details-bin");
        await AssertCountedAsync(reason, before + 2);
        await good.AssertUndisturbedAsync(cancellationToken);
        Assert.Equal(badBefore, await AcceptedAsync(tenants.Bad.Name, cancellationToken));
    }

    private async Task AssertCountedAsync(string reason, double expected)
    {
        await Eventually.HoldsAsync(async () => await ViolationsAsync(reason) >= expected, TimeSpan.FromSeconds(5), $"{expected} refusals counted as {reason}");
        Assert.Equal(expected, await ViolationsAsync(reason));
    }

    private async Task<double> ViolationsAsync(string reason) =>
        (await MetricsScrape.ReadAsync(_stack.Url(KnownServices.IngestGateway, "http"), TestContext.Current.CancellationToken)).Sum("telemetry_ingest_violations_total", ("reason", reason));

    private async Task<long> AcceptedAsync(string tenant, CancellationToken cancellationToken) =>
        (await _stack.Gateway.GetLedgerAsync(TenantId.Parse(tenant), null, null, cancellationToken)).Rows.Sum(r => r.Accepted);

    private async Task<HttpResponseMessage> PostAsync(string? token, byte[] body, string encoding, string mediaType)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_stack.HttpUrl, "v1/traces")) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        if (encoding != "identity")
        {
            request.Content.Headers.ContentEncoding.Add(encoding);
        }

        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private async Task<TenantSender> NewTenantAsync(string name)
    {
        var tenant = await _stack.AddTenantAsync(SharedStack.NewTenantName(name));
        await tenant.WaitUntilAcceptedAsync(TestContext.Current.CancellationToken);
        return tenant;
    }

    /// <summary>The same token with another tenant in its claims, under the old signature.</summary>
    private static string WithTenant(string token, string tenant, string other)
    {
        var parts = token.Split('.');
        var claims = Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(parts[1]));
        Assert.Contains(tenant, claims, StringComparison.Ordinal);
        parts[1] = System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.Replace(tenant, other, StringComparison.Ordinal)));
        return string.Join('.', parts);
    }

    /// <summary>One tenant whose senders do everything right, and one whose senders do not.</summary>
    public sealed class Tenants(SharedStack shared) : IAsyncLifetime
    {
        /// <summary>A scrape may be answered with what was true this long ago; refusals while a new key was not known yet are counted too.</summary>
        public static readonly TimeSpan ScrapeCache = TimeSpan.FromMilliseconds(350);

        public TenantSender Good { get; private set; } = null!;

        public TenantSender Bad { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Good = await shared.Stack.AddTenantAsync(SharedStack.NewTenantName("good"));
            Bad = await shared.Stack.AddTenantAsync(SharedStack.NewTenantName("bad"));
            await Good.WaitUntilAcceptedAsync(CancellationToken.None);
            await Bad.WaitUntilAcceptedAsync(CancellationToken.None);
            await Task.Delay(ScrapeCache);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
