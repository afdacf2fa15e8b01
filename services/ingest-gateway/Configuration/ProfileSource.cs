using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Profiles.Gateway;
using StellaOps.Telemetry.Profiles.Loading;
using StellaOps.Telemetry.Profiles.Model;
using StellaOps.Telemetry.Redaction;

namespace StellaOps.Telemetry.IngestGateway.Configuration;

/// <summary>The profile document and the redaction policy that it names, as files; read again whenever they may have changed.</summary>
/// <param name="Path">The document; policies stand beside it in <c>redaction/</c>.</param>
/// <param name="HmacKey">Key of pseudonyms; null without one.</param>
/// <param name="GrpcUrl">Overrides the profile's listener.</param>
/// <param name="HttpUrl">Overrides the profile's listener.</param>
internal sealed record ProfileSource(string Path, byte[]? HmacKey, string? GrpcUrl, string? HttpUrl)
{
    /// <summary>Reads and judges all of it; null with every fault in the list.</summary>
    public LoadedProfile? Load(List<string> faults)
    {
        var before = faults.Count;
        var (profile, policyText) = ReadProfile(faults);
        var policy = policyText is null ? null : Compile(profile!.Redaction, policyText, faults);
        if (faults.Count > before || profile is null
            || !ListenerAddress.TryParse(GrpcUrl ?? profile.Ingest.GrpcUrl.ToString(), out var grpc)
            || !ListenerAddress.TryParse(HttpUrl ?? profile.Ingest.HttpUrl.ToString(), out var http))
        {
            // An address that cannot be read is the profile's fault or the options', and either has said so.
            return null;
        }

        if (policy is null && !(grpc.IsLoopback && http.IsLoopback))
        {
            faults.Add($"profile '{profile.Name}' says 'redaction: none', and {grpc} or {http} is outside loopback: listen on 127.0.0.1, or name a policy");
            return null;
        }

        var asksForTls = grpc.IsTls || http.IsTls;
        if (asksForTls && profile.Ingest.Tls is null)
        {
            faults.Add($"profile '{profile.Name}' has no ingest.tls, and {grpc} or {http} asks for it: name cert_file and key_file");
            return null;
        }

        return new LoadedProfile(new ProfileModel(GatewayRenderer.Render(profile, policyText ?? ""), policy), grpc, http, asksForTls ? Resolve(profile.Ingest.Tls!) : null);
    }

    /// <summary>Changes when either file does; cheap enough for every second.</summary>
    public UInt128 Fingerprint()
    {
        var hash = new System.IO.Hashing.XxHash128();
        foreach (var file in Files())
        {
            hash.Append(System.Text.Encoding.UTF8.GetBytes(file));
            hash.Append(File.Exists(file) ? File.ReadAllBytes(file) : "missing"u8);
        }

        return hash.GetCurrentHashAsUInt128();
    }

    private string RedactionFolder => System.IO.Path.Combine(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!, "redaction");

    private IngestTlsProfile Resolve(IngestTlsProfile tls) => tls with
    {
        CertFile = Beside(tls.CertFile),
        KeyFile = Beside(tls.KeyFile),
        ClientCaFile = tls.ClientCaFile is { } authorities ? Beside(authorities) : null,
    };

    private string Beside(string file) => System.IO.Path.Combine(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!, file);

    private IEnumerable<string> Files() =>
        Directory.Exists(RedactionFolder) ? Directory.EnumerateFiles(RedactionFolder, "*.yaml").Order(StringComparer.Ordinal).Prepend(Path) : [Path];

    private (Profile? Profile, string? Policy) ReadProfile(List<string> faults)
    {
        if (!File.Exists(Path))
        {
            faults.Add($"{KnownEnvironment.ProfilePath} '{Path}' is no file: name a profile document such as profiles/default.yaml");
            return (null, null);
        }

        using var text = File.OpenText(Path);
        var loaded = ProfileLoader.Load(text, Path);
        faults.AddRange(loaded.Faults.Select(f => f.ToString()));
        if (!loaded.IsValid || loaded.Profile.Redaction == Profile.NoRedaction)
        {
            return (loaded.Profile, null);
        }

        var policy = System.IO.Path.Combine(RedactionFolder, loaded.Profile.Redaction + ".yaml");
        if (!File.Exists(policy))
        {
            faults.Add($"{Path}: redaction policy '{loaded.Profile.Redaction}' is not at {policy}: put it there, or name another");
            return (loaded.Profile, null);
        }

        return (loaded.Profile, File.ReadAllText(policy));
    }

    private CompiledPolicy? Compile(string name, string text, List<string> faults)
    {
        try
        {
            return CompiledPolicy.Compile(RedactionPolicyLoader.Load(new StringReader(text)), new RedactionSecrets(HmacKey));
        }
        catch (RedactionPolicyException e)
        {
            faults.AddRange(e.Faults.Select(f => $"redaction policy '{name}' ({KnownEnvironment.RedactionHmacKeyFile} {(HmacKey is null ? "not set" : "set")}): {f}"));
            return null;
        }
    }
}

/// <summary>A profile that was found good, and where it listens.</summary>
/// <param name="Tls">With absolute paths; null where no listener speaks TLS.</param>
internal sealed record LoadedProfile(ProfileModel Model, ListenerAddress Grpc, ListenerAddress Http, IngestTlsProfile? Tls);
