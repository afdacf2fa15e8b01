using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.Identity;
using StellaOps.Telemetry.IngestGateway.Ledger;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.IngestGateway.Promotion;
using StellaOps.Telemetry.IngestGateway.Sampling;
using StellaOps.Telemetry.Tests.Shared.Auth;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;

/// <summary>
/// The real gateway in this process on random loopback ports, with a real issuer, real keys and a scripted profile service; the log's side of
/// the border is <see cref="MemoryLog"/>.
/// </summary>
internal sealed class GatewayUnderTest : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stella-gateway-");
    // Work of other tests waits for the same threads, which is no overload of this gateway.
    private readonly Dictionary<string, string> _environment = new() { ["Stella__Gateway__MaxRequestsWaiting"] = "100000" };
    private WebApplication? _app;

    public DevIssuer Issuer { get; } = new();

    public TestIdentities Identities { get; } = new();

    public FakeProfileService Profiles { get; }

    public MemoryLog Log { get; } = new();

    public FakePromoter Promoter { get; } = new();

    public FakePipeline Pipeline { get; } = new();

    public CollectedLogs Logs { get; } = new();

    /// <summary>The real pipeline behind the listeners, instead of what this class puts there.</summary>
    public bool IsWhole { get; init; }

    /// <summary>The profile's listeners, instead of free ports.</summary>
    public bool IsListeningByProfile { get; init; }

    /// <summary>TLS on both listeners, by what the profile says.</summary>
    public bool IsTls { get; init; }

    /// <summary>Settings of an archive in a bucket; empty: it is the folder.</summary>
    public IReadOnlyDictionary<string, string> Bucket { get; init; } = new Dictionary<string, string>();

    /// <summary>More of the environment, such as a smaller limit.</summary>
    public Dictionary<string, string> More => _environment;

    public string ArchivePath => Path.Combine(_folder.FullName, "archive");

    public Uri ApiUrl { get; private set; } = null!;

    public Uri GrpcUrl { get; private set; } = null!;

    public Uri HttpUrl { get; private set; } = null!;

    public string DataPath => Path.Combine(_folder.FullName, "data");

    /// <summary>The document that the gateway follows while it runs.</summary>
    public string ProfilePath => Path.Combine(_folder.FullName, "profile.yaml");

    public IServiceProvider Services => _app!.Services;

    public GatewayUnderTest() => Profiles = new FakeProfileService(Identities.Key(KnownServices.ProfileService));

    /// <summary>With two tenants, <c>acme</c> and <c>globex</c>, known and the gateway ready.</summary>
    public static async Task<GatewayUnderTest> StartNewAsync(string? redis = null, string profile = TestProfiles.Small)
    {
        var gateway = new GatewayUnderTest();
        await gateway.StartKnownAsync(redis, profile);
        return gateway;
    }

    /// <summary>The same over TLS, by what the profile says.</summary>
    public static async Task<GatewayUnderTest> StartTlsAsync(string profile)
    {
        var gateway = new GatewayUnderTest { IsTls = true };
        await gateway.StartKnownAsync(null, profile);
        return gateway;
    }

    public async Task StartKnownAsync(string? redis, string profile)
    {
        Profiles.Tenant("acme");
        Profiles.Tenant("globex");
        await Profiles.StartAsync();
        await StartAsync(redis, profile);
        await ReadyAsync();
    }

    public async Task StartAsync(string? redis = null, string profile = TestProfiles.Small)
    {
        await PrepareAsync(redis, profile);
        _app = GatewayApplication.Create(Arguments("http://127.0.0.1:0"), Configure);
        await _app.StartAsync();
        var addresses = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToList();
        (ApiUrl, GrpcUrl, HttpUrl) = (new Uri(addresses[0]), new Uri(addresses[1]), new Uri(addresses[2]));
    }

    /// <summary>The environment as a command line: a shell drops variables whose names it could not write.</summary>
    public string[] Arguments(string api) => [.. _environment.Select(e => $"--{e.Key.Replace("__", ":", StringComparison.Ordinal)}={e.Value}"), "--urls=" + api];

    /// <summary>Writes all files and names them in <see cref="More"/>: what a process of its own needs too.</summary>
    public async Task PrepareAsync(string? redis, string profile)
    {
        await File.WriteAllTextAsync(ProfilePath, profile);
        TestProfiles.CopyRedactionPolicies(_folder.FullName);
        _environment[KnownEnvironment.AuthJwksFile] = Issuer.JwksFile;
        _environment[KnownEnvironment.ServiceTokenFile] = WriteServiceToken();
        _environment[KnownEnvironment.TrustFile] = Identities.TrustFile;
        _environment[KnownEnvironment.IdentityKeyFile] = Identities.KeyFile(KnownServices.IngestGateway);
        _environment[KnownEnvironment.GatewayId] = "gw-1";
        _environment[KnownEnvironment.GatewayDataPath] = DataPath;
        if (!IsListeningByProfile)
        {
            var scheme = IsTls ? "https" : "http";
            _environment[KnownEnvironment.GatewayGrpcUrl] = scheme + "://127.0.0.1:0";
            _environment[KnownEnvironment.GatewayHttpUrl] = scheme + "://127.0.0.1:0";
        }

        _environment[KnownEnvironment.ProfilePath] = ProfilePath;
        foreach (var (name, value) in Bucket.Count > 0 ? Bucket : new Dictionary<string, string> { [KnownEnvironment.ArchivePath] = ArchivePath })
        {
            _environment[name] = value;
        }

        _environment[KnownEnvironment.RedactionHmacKeyFile] = WriteHmacKey();
        _environment["services__profile-service__http__0"] = Profiles.Url;
        if (redis is not null)
        {
            _environment[KnownEnvironment.RedisConnection] = redis;
        }
    }

    /// <summary>Ends the gateway; its data stay.</summary>
    public async Task StopAsync()
    {
        if (_app is { } app)
        {
            _app = null;
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            await app.StopAsync(patience.Token);
            await app.DisposeAsync();
        }
    }

    public async Task ReadyAsync() => await Eventually.HoldsAsync(
        async () =>
        {
            using var client = Api();
            using var answer = await client.GetAsync("/health");
            return answer.IsSuccessStatusCode;
        },
        TimeSpan.FromSeconds(20),
        "the gateway is ready");

    public HttpClient Api(string? token = null) => Client(ApiUrl, token);

    public HttpClient Otlp(string? token = null) => Client(HttpUrl, token);

    public GrpcSender Grpc(string? token) => new(GrpcUrl, token);

    /// <summary>Registers a tenant and waits until the gateway has heard of it.</summary>
    public async Task KnowTenantAsync(string tenant, TenantKind kind = TenantKind.Live)
    {
        Profiles.Tenant(tenant, kind: kind);
        var snapshot = Services.GetRequiredService<SnapshotState>();
        await Eventually.HoldsAsync(() => snapshot.Current?.Find(TenantId.Parse(tenant)) is not null, TimeSpan.FromSeconds(5), $"tenant {tenant} is known");
    }

    public string Writer(string tenant) => Issuer.Mint("sender", tenant, KnownScopes.TelemetryWrite);

    /// <summary>The value of a metric's one line that has all these texts in it; 0 when there is none.</summary>
    public async Task<double> MetricAsync(string name, params string[] labels)
    {
        using var client = Api();
        var text = await client.GetStringAsync("/metrics");
        var line = text.Split('\n').FirstOrDefault(l => l.StartsWith(name + "{", StringComparison.Ordinal) && labels.All(x => l.Contains(x, StringComparison.Ordinal)));
        return line is null ? 0 : double.Parse(line[(line.LastIndexOf('}') + 1)..].Trim().Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Waits until a metric has a value: a scrape may be answered from a cache for a third of a second.</summary>
    public async Task MetricIsAsync(double expected, string name, params string[] labels)
    {
        var last = double.NaN;
        await Eventually.HoldsAsync(
            async () => (last = await MetricAsync(name, labels)) == expected,
            TimeSpan.FromSeconds(5),
            $"{name} {string.Join(' ', labels)} is {expected}");
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await Profiles.DisposeAsync();
        Issuer.Dispose();
        Identities.Dispose();
        _folder.Delete(recursive: true);
    }

    private void Configure(WebApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(Logs);
        if (IsWhole)
        {
            return;
        }

        builder.Services.AddSingleton<IBatchLog>(Log);
        builder.Services.AddSingleton<IPromoter>(Promoter);
        builder.Services.AddSingleton<ILedger>(Pipeline);
        builder.Services.AddSingleton<IDecisionLookup>(Pipeline);
    }

    private string WriteServiceToken()
    {
        var path = Path.Combine(_folder.FullName, "token");
        File.WriteAllText(path, Issuer.Mint(KnownServices.IngestGateway, "*", KnownScopes.FleetAgent));
        return path;
    }

    private string WriteHmacKey()
    {
        var path = Path.Combine(_folder.FullName, "hmac");
        File.WriteAllText(path, new string('a', 64));
        return path;
    }

    private static HttpClient Client(Uri url, string? token)
    {
        var client = new HttpClient { BaseAddress = url, Timeout = TimeSpan.FromSeconds(30) };
        if (token is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return client;
    }
}
