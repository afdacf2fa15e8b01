using System.Diagnostics;
using System.Net;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;
using StellaOps.Telemetry.IngestGateway.HeadSampling;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Redis;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.HeadSampling;

/// <summary>The real gateway, asked over HTTP, with incidents that come signed through Redis.</summary>
public sealed class HeadSamplingTests : IAsyncLifetime
{
    private const string Raised = """{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":1}}""";
    private const string AsByProfile = """{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":0.1}}""";

    private static readonly string s_profile = Profile("{ rate: 0.1, services: { cart: 0.25 } }");
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    private RedisServer _redis = null!;

    public async ValueTask InitializeAsync() => _redis = await RedisServer.StartNewAsync(RedisKind.Garnet);

    public async ValueTask DisposeAsync() => await _redis.DisposeAsync();

    [Fact]
    public async Task Jaeger_IncidentOpensAndEnds_AnswersItsJsonOfTheAskersTenant()
    {
        await using var gateway = await GatewayUnderTest.StartNewAsync(_redis.ConnectionString, s_profile);
        await using var bus = await IncidentBus.ConnectAsync(gateway, _redis.ConnectionString);
        using var acme = new SamplingAsker(gateway, "acme");
        using var globex = new SamplingAsker(gateway, "globex");
        using var cart = new SamplingAsker(gateway, "acme", "cart");
        Assert.Equal(AsByProfile, await acme.JaegerAsync());
        Assert.Contains(":0.25}", await cart.JaegerAsync(), StringComparison.Ordinal);

        var incident = IncidentBus.Incident("a", "acme", 1, s_hour, "checkout");
        await bus.TellAsync(incident);
        await Eventually.HoldsAsync(async () => await acme.JaegerAsync("/api/sampling") == Raised, s_second, "acme is told");
        Assert.Equal(AsByProfile, await globex.JaegerAsync());
        Assert.Contains(":0.25}", await cart.JaegerAsync(), StringComparison.Ordinal);

        await bus.EndAsync(incident);
        await Eventually.HoldsAsync(async () => await acme.JaegerAsync() == AsByProfile, s_second, "it is over");
    }

    [Fact]
    public async Task JaegerOverGrpc_AsTheJavaSdkAsks_AnswersTheSame()
    {
        await using var gateway = await GatewayUnderTest.StartNewAsync(_redis.ConnectionString, s_profile);
        await using var bus = await IncidentBus.ConnectAsync(gateway, _redis.ConnectionString);
        using var acme = gateway.Grpc(gateway.Writer("acme"));
        using var nobody = gateway.Grpc(null);
        byte[] query = [0x0A, 8, .. "checkout"u8];

        Assert.Equal([0x08, 0x00, 0x12, 0x09, 0x09, .. BitConverter.GetBytes(0.1)], await StrategyAsync(acme, query));
        await bus.TellAsync(IncidentBus.Incident("a", "acme", 1, s_hour, "checkout"));
        await Eventually.HoldsAsync(async () => (await StrategyAsync(acme, query)).AsSpan(5).SequenceEqual(BitConverter.GetBytes(1.0)), s_second, "it is raised");

        Assert.Equal(StatusCode.Unauthenticated, await RefusedAsync(nobody, query));
        Assert.Equal(StatusCode.InvalidArgument, await RefusedAsync(acme, []));
        Assert.Equal(StatusCode.InvalidArgument, await RefusedAsync(acme, [0x0A, 200]));
        Assert.Equal(StatusCode.ResourceExhausted, await RefusedAsync(acme, new byte[4096]));
        Assert.Equal(StatusCode.Unimplemented, await RefusedAsync(acme, query, "gzip"));
    }

    [Fact]
    public async Task Follow_IncidentOpens_AnswersItsTenantWithinASecondAndWakesNoOther()
    {
        await using var gateway = await GatewayUnderTest.StartNewAsync(_redis.ConnectionString, s_profile);
        await using var bus = await IncidentBus.ConnectAsync(gateway, _redis.ConnectionString);
        using var acme = new SamplingAsker(gateway, "acme");
        using var cart = new SamplingAsker(gateway, "acme", "cart");
        using var globex = new SamplingAsker(gateway, "globex");
        var known = (await acme.AskAsync()).Tag;
        Assert.Equal(HttpStatusCode.NotModified, (await acme.AskAsync(known)).Status);
        Assert.Equal(HttpStatusCode.OK, (await acme.AskAsync("\"other\"", 30)).Status);
        var (waiting, ofCart, ofGlobex) = (acme.AskAsync(known, 30), cart.AskAsync((await cart.AskAsync()).Tag, 30), globex.AskAsync((await globex.AskAsync()).Tag, 30));
        await WaitersAreAsync(gateway, 3);

        var took = Stopwatch.StartNew();
        var incident = IncidentBus.Incident("a", "acme", 1, s_hour, "checkout");
        await bus.TellAsync(incident);
        var answer = await waiting.WaitAsync(s_second, TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine($"answered {took.ElapsedMilliseconds} ms after it was published");

        Assert.Equal((1, 0.1, "a", incident.ExpiresAt), (answer.Content!.SamplingRate, answer.Content.BaseRate, answer.Content.IncidentId, answer.Content.ExpiresAt));
        await WaitersAreAsync(gateway, 2);
        Assert.False(ofCart.IsCompleted);
        Assert.False(ofGlobex.IsCompleted);

        waiting = acme.AskAsync(answer.Tag, 30);
        await WaitersAreAsync(gateway, 3);
        await bus.EndAsync(incident);
        Assert.Equal(known, (await waiting.WaitAsync(s_second, TestContext.Current.CancellationToken)).Tag);
    }

    [Fact]
    public async Task Follow_IncidentExpires_AnswersByTheGatewaysClock()
    {
        await using var gateway = await GatewayUnderTest.StartNewAsync(_redis.ConnectionString, s_profile);
        await using var bus = await IncidentBus.ConnectAsync(gateway, _redis.ConnectionString);
        using var acme = new SamplingAsker(gateway, "acme");
        var none = (await acme.AskAsync()).Tag;
        var incident = IncidentBus.Incident("a", "acme", 1, TimeSpan.FromSeconds(3));
        await bus.TellAsync(incident);
        var raised = await acme.AskAsync(none, 30);
        Assert.Equal("a", raised.Content!.IncidentId);

        var reverted = await acme.AskAsync(raised.Tag, 30);

        Assert.Equal(none, reverted.Tag);
        Assert.InRange(TimeProvider.System.GetUtcNow(), incident.ExpiresAt, incident.ExpiresAt + s_second);
    }

    [Fact]
    public async Task Follow_NothingHappens_Answers304AfterTheWait()
    {
        await using var gateway = await GatewayUnderTest.StartNewAsync(profile: s_profile);
        using var acme = new SamplingAsker(gateway, "acme");
        var known = (await acme.AskAsync()).Tag;

        var took = Stopwatch.StartNew();
        var answer = await acme.AskAsync($"\"other\", {known}", 1);

        Assert.Equal((HttpStatusCode.NotModified, known), (answer.Status, answer.Tag));
        Assert.InRange(took.Elapsed, s_second, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Follow_ProfileChanges_IsAnsweredAtOnce()
    {
        await using var gateway = await GatewayUnderTest.StartNewAsync(profile: s_profile);
        using var acme = new SamplingAsker(gateway, "acme");
        using var globex = new SamplingAsker(gateway, "globex");
        var (ofAcme, ofGlobex) = (acme.AskAsync((await acme.AskAsync()).Tag, 30), globex.AskAsync((await globex.AskAsync()).Tag, 30));
        await WaitersAreAsync(gateway, 2);

        await File.WriteAllTextAsync(gateway.ProfilePath, Profile("{ rate: 0.5, tenants: { globex: { rate: 0.75 } } }"), TestContext.Current.CancellationToken);

        Assert.Equal((0.5, 0.75), ((await ofAcme).Content!.SamplingRate, (await ofGlobex).Content!.SamplingRate));
    }

    [Fact]
    public async Task Follow_MoreThanMayWait_AreToldToComeAgain()
    {
        await using var gateway = new GatewayUnderTest();
        gateway.More["Stella__Gateway__MaxSamplingWaiters"] = "3";
        gateway.Profiles.Tenant("initech");
        await gateway.StartKnownAsync(null, s_profile);
        var askers = new[] { "acme", "acme", "globex", "globex", "initech", "initech" }.Select(t => new SamplingAsker(gateway, t)).ToArray();
        var known = (await askers[0].AskAsync()).Tag;
        using var leaves = new CancellationTokenSource();
        var first = askers[0].AskAsync(known, 30, leaves.Token);
        await WaitersAreAsync(gateway, 1);

        var tenant = await askers[1].AskAsync(known, 30);
        Assert.Equal(HttpStatusCode.TooManyRequests, tenant.Status);
        Assert.InRange(tenant.RetryAfter!.Value.TotalSeconds, 1, 5);
        var others = new[] { askers[2].AskAsync(known, 30), askers[4].AskAsync(known, 30) };
        await WaitersAreAsync(gateway, 3);
        await gateway.KnowTenantAsync("umbrella");
        using var umbrella = new SamplingAsker(gateway, "umbrella");
        var all = await umbrella.AskAsync(known, 30);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, all.Status);
        Assert.InRange(all.RetryAfter!.Value.TotalSeconds, 1, 5);

        // Who does not wait is answered, and who goes leaves a place.
        Assert.Equal(HttpStatusCode.NotModified, (await askers[1].AskAsync(known)).Status);
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await WaitersAreAsync(gateway, 2);
        var next = askers[1].AskAsync(known, 30);
        await WaitersAreAsync(gateway, 3);

        await gateway.StopAsync();
        foreach (var waiting in others.Append(next))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await waiting).Status);
        }

        Array.ForEach(askers, a => a.Dispose());
    }

    [Fact]
    public async Task Follow_ManyWait_AllAreAnsweredWithinASecondWhileSendersAreServed()
    {
        await using var gateway = await GatewayUnderTest.StartNewAsync(_redis.ConnectionString, s_profile);
        await using var bus = await IncidentBus.ConnectAsync(gateway, _redis.ConnectionString);
        using var sender = gateway.Grpc(gateway.Writer("acme"));
        using var acme = new SamplingAsker(gateway, "acme");
        var known = (await acme.AskAsync()).Tag;
        var waiting = new List<Task<SamplingAnswer>>();
        while (waiting.Count < 500)
        {
            // Few after few: what comes all at once is refused as any burst is.
            waiting.AddRange(Enumerable.Range(0, 20).Select(_ => acme.AskAsync(known, 30)));
            await WaitersAreAsync(gateway, waiting.Count);
        }

        var took = Stopwatch.StartNew();
        await bus.TellAsync(IncidentBus.Incident("a", "acme", 1, s_hour));
        await sender.ExportAsync(Signal.Traces, OtlpBytes.Request(Signal.Traces));
        var answers = await Task.WhenAll(waiting).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper?.WriteLine($"500 answered {took.ElapsedMilliseconds} ms after it was published");
        Assert.All(answers, a => Assert.Equal("a", a.Content!.IncidentId));
    }

    [Theory]
    [InlineData("/v1/sampling")]
    [InlineData("/sampling")]
    [InlineData("/api/sampling")]
    public async Task Ask_WithoutACredentialOrOfNoTenant_IsAnsweredAsOtlpIs(string path)
    {
        await using var gateway = await GatewayUnderTest.StartNewAsync(profile: s_profile);
        Assert.Equal((HttpStatusCode.Unauthorized, "{\"code\":16,\"message\":\"a valid bearer token or ingest key is needed\"}"), await GetAsync(gateway, path + "?service=checkout", null));
        Assert.Equal(HttpStatusCode.Forbidden, (await GetAsync(gateway, path + "?service=checkout", gateway.Writer("nobody"))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await GetAsync(gateway, path + "?service=checkout", gateway.Writer("*"))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await GetAsync(gateway, path + "?service=checkout", gateway.Issuer.Mint("reader", "acme", KnownScopes.TelemetryRead))).Status);
    }

    [Theory]
    [InlineData("?service=")]
    [InlineData("")]
    [InlineData("?service=a&service=b")]
    [InlineData("?service=a&wait=31")]
    [InlineData("?service=a&wait=-1")]
    [InlineData("?service=a&wait=1&wait=2")]
    [InlineData("?service=a&wait=soon")]
    public async Task Ask_NotAsItShould_Is400(string query)
    {
        await using var gateway = await GatewayUnderTest.StartNewAsync(profile: s_profile);
        using var refused = new MeasuredCount(gateway, "telemetry.ingest.violations", "reason", "bad_query");

        Assert.Equal(HttpStatusCode.BadRequest, (await GetAsync(gateway, "/v1/sampling" + query, gateway.Writer("acme"))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await GetAsync(gateway, "/sampling?service=" + new string('a', 256), gateway.Writer("acme"))).Status);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(gateway, "/sampling?service=" + new string('a', 255), gateway.Writer("acme"))).Status);
        Assert.Equal(2, refused.Count);
    }

    [Fact]
    public async Task Ask_TenantAboveItsQuota_IsThrottledAsOtlpIs()
    {
        await using var gateway = await GatewayUnderTest.StartNewAsync(
            profile: s_profile.Replace("ingest: { limits:", "ingest: { quotas: { tenants: { acme: { records_per_second: 10, burst: 1s } } }, limits:", StringComparison.Ordinal));
        using var sender = gateway.Grpc(gateway.Writer("acme"));
        await sender.ExportAsync(Signal.Traces, OtlpBytes.Request(Signal.Traces, records: 400));
        using var acme = new SamplingAsker(gateway, "acme");
        using var globex = new SamplingAsker(gateway, "globex");

        Assert.Equal(HttpStatusCode.TooManyRequests, (await acme.AskAsync()).Status);
        Assert.Equal(HttpStatusCode.OK, (await globex.AskAsync()).Status);
    }

    [Fact]
    public async Task Ask_ByPost_Is405()
    {
        await using var gateway = await GatewayUnderTest.StartNewAsync(profile: s_profile);
        using var client = gateway.Otlp(gateway.Writer("acme"));

        using var response = await client.PostAsync("/v1/sampling?service=checkout", null, TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.MethodNotAllowed, "GET"), (response.StatusCode, response.Content.Headers.Allow.Single()));
    }

    private static Task<byte[]> StrategyAsync(GrpcSender sender, byte[] query, string? compression = null) =>
        sender.CallAsync("jaeger.api_v2.SamplingManager", "GetSamplingStrategy", query, compression);

    private static async Task<StatusCode> RefusedAsync(GrpcSender sender, byte[] query, string? compression = null) =>
        (await Assert.ThrowsAsync<RpcException>(() => StrategyAsync(sender, query, compression))).StatusCode;

    private static string Profile(string head) =>
        TestProfiles.Small.Replace("sampling: { policies:", $"sampling: {{ head: {head}, policies:", StringComparison.Ordinal);

    private static Task WaitersAreAsync(GatewayUnderTest gateway, int count) => Eventually.HoldsAsync(
        () => gateway.Services.GetRequiredService<HeadWaiters>().Count == count, TimeSpan.FromSeconds(5), $"{count} wait");

    private static async Task<(HttpStatusCode Status, string Body)> GetAsync(GatewayUnderTest gateway, string url, string? token)
    {
        using var client = gateway.Otlp(token);
        using var response = await client.GetAsync(url);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
