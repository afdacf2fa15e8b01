using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Archive;
using StellaOps.Telemetry.Contracts.Captures;
using StellaOps.Telemetry.Egress;
using StellaOps.Telemetry.ServiceDefaults.Redis;
using StellaOps.Telemetry.Tests.Shared.Hosting;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.S3;

namespace StellaOps.Telemetry.CaptureWorker.FunctionalTests.Egress;

/// <summary>A profile that seals the site: whatever the worker talks to, it talks to by its one dialer.</summary>
public sealed class SealedTests : IAsyncLifetime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly string[] s_sites = ["redis.site.test", "incidents.site.test", "192.0.2.7", "otlp.site.test"];
    private readonly Resolver _resolver = new();
    private CaptureFixture _fixture = null!;

    public async ValueTask InitializeAsync() => _fixture = await CaptureFixture.StartAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Hosts_NotOnTheAllowlist_AreRefusedAndNotResolved()
    {
        await WriteProfileAsync("elsewhere.internal:6379");
        await using var worker = await StartAsync(
            (KnownEnvironment.RedisConnection, "redis.site.test:6379"),
            ("services__incident-service__http__0", "http://incidents.site.test:8080"),
            ("services__profile-service__http__0", "http://192.0.2.7"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://otlp.site.test:4318"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("Stella__Capture__PromotionTimeout", "00:00:01"));

        var job = await _fixture.CaptureAsync(worker);

        Assert.Equal((CaptureState.Succeeded, false), (job.State, job.Complete));
        Assert.Equal(
            [
                "no gateway could be asked: Redis was unreachable; the bundle holds what the archive held already",
                "the provenance lacks incidents: sealed: the allowlist does not name incidents.site.test:8080 (incidents.site.test:8080)",
                "the provenance lacks the audit trail: sealed: the allowlist does not name 192.0.2.7:80 (192.0.2.7:80)",
            ],
            job.Gaps);
        var redis = worker.App.Services.GetRequiredService<RedisConnection>();
        var denied = await Assert.ThrowsAsync<RedisException>(async () => await redis.GetDatabaseAsync(CancellationToken.None));
        Assert.Equal("sealed: the allowlist does not name redis.site.test:6379", denied.Message);
        using var client = worker.Client();
        await Eventually.HoldsAsync(
            async () =>
            {
                var metrics = await client.GetStringAsync("metrics");
                return s_sites.All(host => metrics.Contains($"host=\"{host}\"", StringComparison.Ordinal));
            },
            s_patience,
            $"denials are counted of {string.Join(", ", s_sites)}");
        Assert.Empty(_resolver.Asked);
    }

    [Fact]
    public async Task Profile_ChangedWhileRunning_IsFollowedByAllOrByNobody()
    {
        await using var server = await S3Server.StartNewAsync();
        _resolver.Known["archivehost"] = IPAddress.Loopback;
        await WriteProfileAsync("archivehost");
        await using var worker = await StartAsync(
            [.. server.Settings(new UriBuilder(server.Url) { Host = "archivehost" }.Uri).Select(s => (s.Key, s.Value)), (KnownEnvironment.ArchiveS3 + "AllowPlaintext", "true"), (KnownEnvironment.ArchivePath, "")]);
        var archive = new ArchiveClient(worker.Client(_fixture.Issuer.Mint("otto", "*", KnownScopes.TelemetryRead)));
        await Eventually.HoldsAsync(async () => await PlanAsync() is { Profile: "site", Fault: null }, s_patience, "the profile is in force");
        var dialer = worker.App.Services.GetRequiredService<EgressDialer>();

        await WriteProfileAsync("new.site.test");
        await Eventually.HoldsAsync(
            async () => await PlanAsync() is { Profile: "site", Fault: { } fault } && fault.StartsWith($"sealed.allowlist does not name archivehost:{server.Url.Port}", StringComparison.Ordinal),
            s_patience,
            "the profile that seals the worker off from the archive is refused");
        Assert.False(dialer.Policy.Allows("new.site.test", 443));

        await WriteProfileAsync("new.site.test", "archivehost");
        await Eventually.HoldsAsync(() => dialer.Policy.Allows("new.site.test", 443), s_patience, "the allowlist is in force");
        Assert.Null((await PlanAsync()).Fault);

        Task<ArchivePlanResponse> PlanAsync() => archive.PlanAsync(null, null, byChunk: false, null, CancellationToken.None);
    }

    private Task WriteProfileAsync(params string[] allowlist) => File.WriteAllTextAsync(_fixture.PathOf("site.yaml"), $$"""
        apiVersion: telemetry.stella-ops.org/v1
        kind: Profile
        metadata: { name: site }
        spec:
          environment: development
          redaction: none
          durability: fsync
          sampling: none
          retention: [{ tier: sampled, keep: 9d }]
          sealed: { enabled: true, allowlist: [{{string.Join(", ", allowlist.Select(a => $"'{a}'"))}}] }
        """);

    private async Task<RunningService> StartAsync(params (string Key, string Value)[] settings)
    {
        var environment = _fixture.EnvironmentOf("sealed", [.. settings, (KnownEnvironment.ProfilePath, _fixture.PathOf("site.yaml"))]);
        var worker = await RunningService.StartAsync(
            CaptureWorkerApp.Build(RunningService.Arguments(environment), b => b.Services.AddSingleton<IHostResolver>(_resolver)));
        await worker.ReadyAsync();
        return worker;
    }

    /// <summary>Knows few names, and who was asked for.</summary>
    private sealed class Resolver : IHostResolver
    {
        public ConcurrentDictionary<string, IPAddress> Known { get; } = new();

        public ConcurrentQueue<string> Asked { get; } = new();

        public Task<IPAddress[]> ResolveAsync(string name, CancellationToken cancellationToken)
        {
            Asked.Enqueue(name);
            return Task.FromResult<IPAddress[]>(Known.TryGetValue(name, out var address) ? [address] : []);
        }
    }
}
