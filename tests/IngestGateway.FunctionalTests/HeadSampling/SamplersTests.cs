using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using StellaOps.Telemetry.IncidentSampling;
using StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;
using StellaOps.Telemetry.Tests.Shared;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Redis;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.HeadSampling;

/// <summary>What an incident comes to in an application: with our sampler in the real SDK, and with a third party's in another language.</summary>
public sealed class SamplersTests : IAsyncLifetime
{
    private static readonly string s_profile = TestProfiles.Small.Replace("sampling: { policies:", "sampling: { head: { services: { checkout: 0.1 } }, policies:", StringComparison.Ordinal);
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly NodeFolder _node = new("IngestGateway.FunctionalTests");
    private RedisServer _redis = null!;

    public async ValueTask InitializeAsync() => _redis = await RedisServer.StartNewAsync(RedisKind.Garnet);

    public async ValueTask DisposeAsync() => await _redis.DisposeAsync();

    [Fact]
    public async Task IncidentSampling_IncidentOpensEndsAndExpires_IsFollowedWithinASecond()
    {
        await using var gateway = await GatewayUnderTest.StartNewAsync(_redis.ConnectionString, s_profile);
        await using var bus = await IncidentBus.ConnectAsync(gateway, _redis.ConnectionString);
        using var source = new ActivitySource($"app-{Guid.NewGuid():N}");
        using var provider = Provider(gateway, source, gateway.Profiles.NewKey("acme"));
        using var ofOther = new ActivitySource($"app-{Guid.NewGuid():N}");
        using var other = Provider(gateway, ofOther, gateway.Profiles.NewKey("globex"));
        await Eventually.HoldsAsync(() => Share(source) < 0.5 && Share(ofOther) < 0.5, s_patience, "both go by the profile");

        var incident = IncidentBus.Incident("a", "acme", 1, s_hour, "checkout");
        var took = Stopwatch.StartNew();
        await bus.TellAsync(incident);
        await Eventually.HoldsAsync(() => Share(source) == 1, s_second, "the incident raises");
        TestContext.Current.TestOutputHelper?.WriteLine($"raised {took.ElapsedMilliseconds} ms after it was published");
        Assert.InRange(Share(ofOther), 0.02, 0.25);

        took.Restart();
        await bus.EndAsync(incident);
        await Eventually.HoldsAsync(() => Share(source) < 0.5, s_second, "the end reverts");
        TestContext.Current.TestOutputHelper?.WriteLine($"reverted {took.ElapsedMilliseconds} ms after it was published");

        await bus.TellAsync(IncidentBus.Incident("b", "acme", 1, TimeSpan.FromSeconds(8)));
        await Eventually.HoldsAsync(() => Share(source) == 1, s_second, "the next raises");
        await gateway.StopAsync();
        Assert.Equal(1, Share(source));
        await Eventually.HoldsAsync(() => Share(source) < 0.5, TimeSpan.FromSeconds(10), "it reverts by its own clock, with nobody to ask");
    }

    [Fact]
    public async Task ThirdParty_PollsTheGateway_FollowsAnIncident()
    {
        await _node.InstallAsync();
        await using var gateway = await GatewayUnderTest.StartNewAsync(_redis.ConnectionString, s_profile);
        await using var bus = await IncidentBus.ConnectAsync(gateway, _redis.ConnectionString);
        using var asked = new MeasuredCount(gateway, "telemetry.head.sampling.answers", "form", "jaeger");
        var run = _node.RunAsync("remote-sampler.mjs", new Dictionary<string, string>
        {
            ["SAMPLING_ENDPOINT"] = gateway.HttpUrl.ToString().TrimEnd('/'),
            ["SAMPLING_SERVICE"] = "checkout",
            ["SAMPLING_TOKEN"] = gateway.Writer("acme"),
            ["SAMPLING_SHARES"] = "0.1,1,0.1",
        });
        await Eventually.HoldsAsync(() => run.IsCompleted || asked.Count > 25, s_patience, "it polls");

        var incident = IncidentBus.Incident("a", "acme", 1, s_hour, "checkout");
        await bus.TellAsync(incident);
        var before = asked.Count;
        await Eventually.HoldsAsync(() => run.IsCompleted || asked.Count > before + 50, s_patience, "it polls on");
        await bus.EndAsync(incident);

        var seen = JsonSerializer.Deserialize<double[]>((await run).Output)!;
        Assert.Equal(["0.1", "1.0", "0.1"], seen.Select(s => s.ToString("0.0", CultureInfo.InvariantCulture)));
    }

    private static TracerProvider Provider(GatewayUnderTest gateway, ActivitySource source, string key) => Sdk.CreateTracerProviderBuilder()
        .AddSource(source.Name)
        .ConfigureResource(r => r.AddService("checkout"))
        .AddIncidentSampling(o =>
        {
            o.Endpoint = gateway.HttpUrl;
            o.Headers = $"authorization=Bearer%20{key}";
        })
        .Build();

    private static double Share(ActivitySource source)
    {
        var sampled = 0;
        for (var i = 0; i < 400; i++)
        {
            Activity.Current = null;
            using var activity = source.StartActivity("work");
            sampled += activity?.Recorded == true ? 1 : 0;
        }

        return sampled / 400.0;
    }
}
