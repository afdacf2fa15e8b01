using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using OpenTelemetry.Trace;
using StellaOps.Telemetry.Contracts.Sampling;
using StellaOps.Telemetry.IncidentSampling.Tests.TestServices;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.IncidentSampling.Tests;

/// <summary>The real SDK against a peer on a real port.</summary>
public sealed class IncidentSamplingTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task Incident_OpensAndEnds_IsFollowedWithinASecond()
    {
        await using var gateway = await SamplingGateway.StartNewAsync();
        using var app = App(gateway);
        await app.ShareIsAsync(0, s_patience);
        await gateway.AskedAsync();
        await gateway.AskedAsync();

        var took = Stopwatch.StartNew();
        gateway.SayIncident(1, s_hour);
        await app.ShareIsAsync(1, s_second);
        TestContext.Current.TestOutputHelper?.WriteLine($"raised after {took.ElapsedMilliseconds} ms");

        await gateway.AskedAsync();
        took.Restart();
        gateway.Say(new HeadSamplingResponse(0, 0, null, null));
        await app.ShareIsAsync(0, s_second);
        TestContext.Current.TestOutputHelper?.WriteLine($"reverted after {took.ElapsedMilliseconds} ms");
    }

    [Fact]
    public async Task Request_Always_NamesServiceAndCredentialAndNoTrace()
    {
        await using var gateway = await SamplingGateway.StartNewAsync();
        using var outer = new Activity("startup").Start();
        using var app = new SampledApp(o => (o.Endpoint, o.Headers) = (new Uri(gateway.Url, "/otlp/"), "authorization=Bearer%20key%2C1, x-nothing"), "my shop/cart");

        await gateway.AskedAsync();
        await gateway.AskedAsync();

        Assert.Equal(
            [
                new AskedRequest("/otlp/v1/sampling?service=my%20shop%2Fcart&wait=30", "Bearer key,1", "", ""),
                new AskedRequest("/otlp/v1/sampling?service=my%20shop%2Fcart&wait=30", "Bearer key,1", "\"0\"", ""),
            ],
            gateway.Requests);
    }

    [Fact]
    public async Task Incident_GatewayDies_RevertsWhenItsTimeIsOver()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddDays(-400));
        var gateway = await SamplingGateway.StartNewAsync();
        gateway.SayIncident(1, TimeSpan.FromDays(3));
        using var app = App(gateway, o => o.TimeProvider = time);
        await gateway.AskedAsync();
        await gateway.AskedAsync();
        await gateway.DisposeAsync();

        time.Advance(TimeSpan.FromDays(3) - TimeSpan.FromMinutes(1));
        Assert.Equal(1, app.Share());
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(0, app.Share());
    }

    [Fact]
    public async Task Incident_GatewayDiesAndComesBack_IsFollowedAgain()
    {
        var gateway = await SamplingGateway.StartNewAsync();
        var url = gateway.Url;
        using var app = App(gateway);
        await app.ShareIsAsync(0, s_patience);
        await gateway.DisposeAsync();

        await using var next = await SamplingGateway.StartNewAsync(url.ToString());
        next.SayIncident(1, s_hour);

        await app.ShareIsAsync(1, s_patience);
    }

    [Fact]
    public async Task Incident_RealClock_RevertsOnTimeThoughNobodyAnswers()
    {
        await using var gateway = await SamplingGateway.StartNewAsync();
        var lasts = TimeSpan.FromSeconds(3);
        gateway.SayIncident(1, lasts);
        using var app = App(gateway);
        await gateway.AskedAsync();
        await gateway.AskedAsync();
        gateway.Misbehaviour = context => Task.Delay(Timeout.Infinite, context.RequestAborted);
        Assert.Equal(1, app.Share());

        // The date header knows whole seconds.
        await app.ShareIsAsync(0, lasts + TimeSpan.FromSeconds(3));
    }

    [Theory]
    [InlineData(200, "{}")]
    [InlineData(200, "{\"samplingRate\":0.0}")]
    [InlineData(200, "{\"samplingRate\":1.5,\"baseRate\":1}")]
    [InlineData(200, "{\"samplingRate\":-1,\"baseRate\":1}")]
    [InlineData(200, "<html></html>")]
    [InlineData(200, null)]
    [InlineData(204, "")]
    [InlineData(302, "")]
    [InlineData(401, "{}")]
    [InlineData(429, "{}")]
    [InlineData(500, "{}")]
    public async Task Gateway_AnswersNonsense_ChangesNothingAndIsAskedAgain(int status, string? body)
    {
        await using var gateway = await SamplingGateway.StartNewAsync();
        gateway.Misbehaviour = async context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.ETag = "\"bad\"";
            context.Response.Headers.RetryAfter = "0";
            context.Response.Headers.Location = "/elsewhere";
            if (body != "")
            {
                await context.Response.WriteAsync(body ?? "{\"samplingRate\":0,\"baseRate\":0,\"incidentId\":\"" + new string('a', 10_000) + "\"}");
            }
        };
        using var app = App(gateway);

        await gateway.AskedAsync();
        await gateway.AskedAsync();

        Assert.Equal(1, app.Share());
        Assert.DoesNotContain(gateway.Requests, r => r.Known.Length > 0);
    }

    [Fact]
    public async Task Gateway_SaysNothingNewWithoutAWait_IsNotAskedInALoop()
    {
        var time = new FakeTimeProvider();
        await using var gateway = await SamplingGateway.StartNewAsync();
        var asked = new ConcurrentQueue<DateTimeOffset>();
        gateway.Misbehaviour = context =>
        {
            asked.Enqueue(time.GetUtcNow());
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        };
        using var app = App(gateway, o => o.TimeProvider = time);

        await Eventually.HoldsAsync(
            () =>
            {
                time.Advance(s_second / 10);
                return asked.Count > 1;
            },
            s_patience,
            "it is asked again");
        Assert.True(asked.ElementAt(1) - asked.ElementAt(0) >= s_second, "a second of its clock lies between");
    }

    [Fact]
    public async Task BaseSampler_OfTheApplication_RulesOutsideAnIncidentAndKeepsWithinOne()
    {
        await using var gateway = await SamplingGateway.StartNewAsync();
        gateway.Say(new HeadSamplingResponse(1, 1, null, null));
        using var none = App(gateway, o => o.BaseSampler = new AlwaysOffSampler());
        using var all = App(gateway, o => o.BaseSampler = new AlwaysOnSampler());
        for (var i = 0; i < 4; i++)
        {
            await gateway.AskedAsync();
        }

        Assert.Equal((0, 1), (none.Share(), all.Share()));
        gateway.SayIncident(1, s_hour);
        await none.ShareIsAsync(1, s_second);
        for (var i = 0; i < 2; i++)
        {
            await gateway.AskedAsync();
        }

        gateway.SayIncident(0.0001, s_hour);
        await Eventually.HoldsAsync(() => none.Share() < 0.5, s_second, "the rate is another");
        Assert.Equal(1, all.Share());
    }

    [Theory]
    [InlineData(ActivityTraceFlags.Recorded, 1)]
    [InlineData(ActivityTraceFlags.None, 0)]
    public async Task RemoteParent_WhateverTheRate_IsFollowed(ActivityTraceFlags flags, double share)
    {
        await using var gateway = await SamplingGateway.StartNewAsync();
        using var app = App(gateway);
        await app.ShareIsAsync(0, s_patience);
        var parent = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), flags, isRemote: true);

        Assert.Equal(share, app.Share(parent: parent));
        gateway.SayIncident(1, s_hour);
        await app.ShareIsAsync(1, s_second);
        Assert.Equal(share, app.Share(parent: parent));
    }

    [Fact]
    public async Task LocalParent_BegunBeforeAnIncident_KeepsItsTraceWhole()
    {
        await using var gateway = await SamplingGateway.StartNewAsync();
        using var app = App(gateway);
        await app.ShareIsAsync(0, s_patience);
        using var parent = app.Source.StartActivity("before");
        gateway.SayIncident(1, s_hour);
        await app.ShareIsAsync(1, s_second);

        Activity.Current = parent;
        using var child = app.Source.StartActivity("after");

        Assert.NotEqual(true, child?.Recorded);
    }

    [Fact]
    public async Task Dispose_WhileItWaits_EndsThePoll()
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var gateway = await SamplingGateway.StartNewAsync();
        gateway.Misbehaviour = async context =>
        {
            using var left = context.RequestAborted.Register(() => ended.TrySetResult());
            await ended.Task;
        };
        var app = App(gateway);
        await gateway.AskedAsync();

        app.Dispose();
        app.Dispose();

        await ended.Task.WaitAsync(s_patience, TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("ftp://gateway", "checkout", "the endpoint is not an absolute http or https URL: set OTEL_EXPORTER_OTLP_ENDPOINT, or Endpoint")]
    [InlineData("http://127.0.0.1:1", "", "service.name has to be of 1 to 255 characters: set OTEL_SERVICE_NAME")]
    public async Task Options_ThatCannotBe_AreSaidAndThrowNothing(string endpoint, string service, string reason)
    {
        using var events = new CollectedEvents();
        using var app = new SampledApp(o => (o.Endpoint, o.ServiceName) = (new Uri(endpoint), service));

        await Eventually.HoldsAsync(() => events.Seen.Any(e => e.Id == 2 && e.Payload.Contains(reason)), s_patience, reason);
        Assert.Equal(1, app.Share());
    }

    [Fact]
    public async Task ClientFactory_Throws_IsSaidAndThrowsNothing()
    {
        using var events = new CollectedEvents();
        using var app = new SampledApp(o => o.HttpClientFactory = () => throw new InvalidOperationException("no certificate"));

        await Eventually.HoldsAsync(() => events.Seen.Any(e => e.Payload.Contains("no certificate")), s_patience, "the reason is told");
        Assert.Equal(1, app.Share());
    }

    [Fact]
    public async Task Events_WithACredential_NeverHoldIt()
    {
        using var events = new CollectedEvents();
        await using var gateway = await SamplingGateway.StartNewAsync();
        gateway.SayIncident(1, s_hour);
        using var app = App(gateway, o => o.Headers = "authorization=Bearer%20sk-secret");
        await gateway.AskedAsync();
        await gateway.AskedAsync();
        await gateway.DisposeAsync();

        await Eventually.HoldsAsync(() => new[] { 1, 3, 5 }.All(id => events.Seen.Any(e => e.Id == id)), s_patience, "all of it was told");
        Assert.DoesNotContain(events.Seen, e => e.Payload.Any(p => p.Contains("secret", StringComparison.Ordinal)));
    }

    private static SampledApp App(SamplingGateway gateway, Action<IncidentSamplingOptions>? configure = null) => new(o =>
    {
        o.Endpoint = gateway.Url;
        configure?.Invoke(o);
    });
}
