using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.IngestGateway.Fleet;
using StellaOps.Telemetry.IngestGateway.Listeners.Tls;
using StellaOps.Telemetry.IngestGateway.Pipeline;

namespace StellaOps.Telemetry.IngestGateway.Configuration;

/// <summary>Everything the gateway is told at its start, read once and judged whole; nothing reads configuration afterwards.</summary>
internal sealed record GatewayConfiguration(
    GatewayOptions Options,
    ProfileSource ProfileSource,
    ProfileModel Profile,
    TrustStore Trust,
    SigningKey Identity,
    string? RedisConnection,
    ArchiveOptions Archive,
    IReadOnlyList<IPEndPoint> ApiEndpoints,
    ListenerAddress Grpc,
    ListenerAddress Http,
    TlsMaterial? Tls,
    DeploymentActivation Deployments,
    RestoredDeployment Restored)
{
    private const int HmacKeyBytes = 32;

    public FleetOptions Fleet { get; init; } = new();

    public GatewayPipelineOptions PipelineOptions => new() { GatewayId = Options.Id, DataPath = Options.DataPath };

    /// <exception cref="OptionsValidationException">Something is wrong; each failure names the key, the value and the fix.</exception>
    public static GatewayConfiguration Load(IConfiguration configuration)
    {
        var options = configuration.GetSection(GatewayOptions.Section).Get<GatewayOptions>() ?? new GatewayOptions();
        var fleet = configuration.GetSection(FleetOptions.Section).Get<FleetOptions>() ?? new FleetOptions();
        var faults = new List<string>([.. options.Faults(), .. fleet.Faults()]);
        var trust = LoadFile(configuration, KnownEnvironment.TrustFile, "the trust file", f => TrustStore.Load(f), faults);
        var identity = LoadFile(configuration, KnownEnvironment.IdentityKeyFile, "this gateway's private key", SigningKey.Load, faults);
        var hmacKey = Key(configuration, KnownEnvironment.RedactionHmacKeyFile) is null
            ? null
            : LoadFile(configuration, KnownEnvironment.RedactionHmacKeyFile, "the redaction key", ReadHmacKey, faults);
        var path = Key(configuration, KnownEnvironment.ProfilePath) ?? "";
        var activation = new ProfileActivation(hmacKey, options.GrpcUrl, options.HttpUrl);
        var source = new ProfileSource(path, Key(configuration, KnownEnvironment.ProfileOverlay), activation);
        var deployments = trust is null ? null : new DeploymentActivation(trust, activation, path.Length == 0 ? "" : Path.GetDirectoryName(Path.GetFullPath(path))!);
        var restored = Path.IsPathFullyQualified(options.DataPath) ? deployments?.Restore(new DeploymentStore(options.DataPath), TimeProvider.System.GetUtcNow()) : null;
        var profile = restored?.Loaded ?? source.Load(faults);
        var tls = profile?.Tls is { } files ? TlsMaterial.Load(files, TimeProvider.System.GetUtcNow(), faults) : null;
        var archive = LoadArchive(configuration, profile?.Model, faults);
        var api = ApiUrls(configuration, options, faults);
        if (faults.Count > 0)
        {
            throw new OptionsValidationException(nameof(GatewayConfiguration), typeof(GatewayConfiguration), faults);
        }

        return new GatewayConfiguration(
            options, source, profile!.Model, trust!, identity!, RedisOf(configuration), archive!, api, profile.Grpc, profile.Http, tls, deployments!, restored!)
        {
            Fleet = fleet,
        };
    }

    /// <summary>What of the next profile only a restart could take over; null when there is nothing.</summary>
    public string? FaultOfMoving(LoadedProfile next) =>
        next.Grpc != Grpc || next.Http != Http ? $"listeners cannot move while the gateway runs (from {Grpc} and {Http} to {next.Grpc} and {next.Http})"
        : next.Tls != Tls?.Settings ? "ingest.tls cannot change while the gateway runs, only what is in its files"
        : null;

    private static ArchiveOptions? LoadArchive(IConfiguration configuration, ProfileModel? profile, List<string> faults)
    {
        try
        {
            var archive = configuration.GetSection(ArchiveOptions.Section).Get<ArchiveOptions>() ?? new ArchiveOptions();
            var found = archive.Faults().ToList();
            if (found.Count == 0 && profile is not null)
            {
                found.AddRange(archive.FaultsOfSeal(profile.Settings.Sealed.ToPolicy().Allows));
            }

            faults.AddRange(found);
            return archive;
        }
        catch (InvalidOperationException e)
        {
            // A number or a duration that is none; the message names key and value.
            faults.Add(e.Message);
            return null;
        }
    }

    private static T? LoadFile<T>(IConfiguration configuration, string key, string what, Func<string, T> load, List<string> faults)
        where T : class
    {
        var path = Key(configuration, key);
        if (path is null)
        {
            faults.Add($"{key} is not set: name {what}");
            return null;
        }

        try
        {
            return load(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or FormatException)
        {
            faults.Add($"{key} '{path}' cannot be used as {what}: {e.Message}");
            return null;
        }
    }

    private static byte[] ReadHmacKey(string path)
    {
        var key = Convert.FromHexString(File.ReadAllText(path).Trim());
        return key.Length == HmacKeyBytes ? key : throw new FormatException($"{key.Length} bytes; write {HmacKeyBytes} bytes as hex");
    }

    private static List<IPEndPoint> ApiUrls(IConfiguration configuration, GatewayOptions options, List<string> faults)
    {
        var urls = configuration["urls"] ?? Key(configuration, KnownEnvironment.AspNetCoreUrls);
        var endpoints = new List<IPEndPoint>();
        foreach (var url in (urls ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (ListenerAddress.FaultOf(url, options.AllowPlaintext) is { } fault)
            {
                faults.Add($"{KnownEnvironment.AspNetCoreUrls} '{url}' {fault}");
            }
            else if (ListenerAddress.TryParse(url, out var address) && address.IsTls)
            {
                faults.Add($"{KnownEnvironment.AspNetCoreUrls} '{url}' asks for TLS, which only the OTLP listeners terminate: write http://127.0.0.1:4321 and put a TLS proxy before it");
            }
            else
            {
                endpoints.Add(address.EndPoint);
            }
        }

        if (urls is null)
        {
            faults.Add($"{KnownEnvironment.AspNetCoreUrls} is not set: give the API's listener, such as http://127.0.0.1:4321");
        }

        return endpoints;
    }

    /// <summary>Without Redis a gateway takes telemetry, and hears of no incident.</summary>
    private static string? RedisOf(IConfiguration configuration) => Key(configuration, KnownEnvironment.RedisConnection);

    /// <summary>The environment spells with <c>__</c> what configuration spells with <c>:</c>.</summary>
    private static string? Key(IConfiguration configuration, string name) =>
        configuration[name.Replace("__", ":", StringComparison.Ordinal)] is { Length: > 0 } value ? value : null;
}
