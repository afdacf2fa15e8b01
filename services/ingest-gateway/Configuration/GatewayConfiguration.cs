using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.Profiles.Gateway;
using StellaOps.Telemetry.Profiles.Loading;
using StellaOps.Telemetry.Profiles.Model;
using StellaOps.Telemetry.Redaction;

namespace StellaOps.Telemetry.IngestGateway.Configuration;

/// <summary>Everything the gateway is told at its start, read once and judged whole; nothing reads configuration afterwards.</summary>
internal sealed record GatewayConfiguration(
    GatewayOptions Options,
    GatewaySettings Settings,
    CompiledPolicy? Redaction,
    TrustStore Trust,
    SigningKey Identity,
    string? RedisConnection,
    string ArchivePath,
    IReadOnlyList<IPEndPoint> ApiEndpoints,
    IPEndPoint GrpcEndpoint,
    IPEndPoint HttpEndpoint)
{
    private const int HmacKeyBytes = 32;

    public GatewayPipelineOptions PipelineOptions => new() { GatewayId = Options.Id, DataPath = Options.DataPath };

    /// <exception cref="OptionsValidationException">Something is wrong; each failure names the key, the value and the fix.</exception>
    public static GatewayConfiguration Load(IConfiguration configuration)
    {
        var options = configuration.GetSection(GatewayOptions.Section).Get<GatewayOptions>() ?? new GatewayOptions();
        var faults = new List<string>(options.Faults());
        var (profile, policy) = LoadProfile(configuration, faults);
        var trust = LoadFile(configuration, KnownEnvironment.TrustFile, "the trust file", TrustStore.Load, faults);
        var identity = LoadFile(configuration, KnownEnvironment.IdentityKeyFile, "this gateway's private key", SigningKey.Load, faults);
        var hmacKey = Key(configuration, KnownEnvironment.RedactionHmacKeyFile) is null
            ? null
            : LoadFile(configuration, KnownEnvironment.RedactionHmacKeyFile, "the redaction key", ReadHmacKey, faults);
        var redaction = policy is null ? null : Compile(profile!.Redaction, policy, hmacKey, faults);
        var archive = Key(configuration, KnownEnvironment.ArchivePath) ?? "";
        if (!Path.IsPathFullyQualified(archive))
        {
            faults.Add($"{KnownEnvironment.ArchivePath} '{archive}' is not an absolute path: name the folder of the archive");
        }

        var api = ApiUrls(configuration, options, faults);
        var grpc = options.GrpcUrl ?? profile?.Ingest.GrpcUrl.ToString();
        var http = options.HttpUrl ?? profile?.Ingest.HttpUrl.ToString();
        if (faults.Count > 0)
        {
            throw new OptionsValidationException(nameof(GatewayConfiguration), typeof(GatewayConfiguration), faults);
        }

        var result = new GatewayConfiguration(
            options, GatewayRenderer.Render(profile!, policy ?? ""), redaction, trust!, identity!, RedisOf(configuration), archive,
            api, ListenerUrl.Parse(grpc!), ListenerUrl.Parse(http!));
        return redaction is not null || (IPAddress.IsLoopback(result.GrpcEndpoint.Address) && IPAddress.IsLoopback(result.HttpEndpoint.Address))
            ? result
            : throw new OptionsValidationException(nameof(GatewayConfiguration), typeof(GatewayConfiguration),
                [$"profile '{profile!.Name}' says 'redaction: none', and {result.GrpcEndpoint} or {result.HttpEndpoint} is outside loopback: listen on 127.0.0.1, or name a policy"]);
    }

    private static (Profile? Profile, string? Policy) LoadProfile(IConfiguration configuration, List<string> faults)
    {
        var path = Key(configuration, KnownEnvironment.ProfilePath);
        if (path is null || !File.Exists(path))
        {
            faults.Add($"{KnownEnvironment.ProfilePath} '{path}' is no file: name a profile document such as profiles/default.yaml");
            return (null, null);
        }

        using var text = File.OpenText(path);
        var loaded = ProfileLoader.Load(text, path);
        faults.AddRange(loaded.Faults.Select(f => f.ToString()));
        if (!loaded.IsValid || loaded.Profile.Redaction == Profile.NoRedaction)
        {
            return (loaded.Profile, null);
        }

        var policyPath = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, "redaction", loaded.Profile.Redaction + ".yaml");
        if (!File.Exists(policyPath))
        {
            faults.Add($"{path}: redaction policy '{loaded.Profile.Redaction}' is not at {policyPath}: put it there, or name another");
            return (loaded.Profile, null);
        }

        return (loaded.Profile, File.ReadAllText(policyPath));
    }

    private static CompiledPolicy? Compile(string name, string text, byte[]? hmacKey, List<string> faults)
    {
        try
        {
            return CompiledPolicy.Compile(RedactionPolicyLoader.Load(new StringReader(text)), new RedactionSecrets(hmacKey));
        }
        catch (RedactionPolicyException e)
        {
            faults.AddRange(e.Faults.Select(f => $"redaction policy '{name}' ({KnownEnvironment.RedactionHmacKeyFile} {(hmacKey is null ? "not set" : "set")}): {f}"));
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
            if (ListenerUrl.FaultOf(url, options.AllowPlaintext) is { } fault)
            {
                faults.Add($"{KnownEnvironment.AspNetCoreUrls} '{url}' {fault}");
            }
            else
            {
                endpoints.Add(ListenerUrl.Parse(url));
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
