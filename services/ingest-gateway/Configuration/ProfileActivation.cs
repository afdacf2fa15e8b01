using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Profiles.Gateway;
using StellaOps.Telemetry.Profiles.Model;
using StellaOps.Telemetry.Redaction;

namespace StellaOps.Telemetry.IngestGateway.Configuration;

/// <summary>Makes a resolved profile, from wherever it came, into what this gateway can put in force.</summary>
/// <param name="HmacKey">Key of pseudonyms; null without one.</param>
/// <param name="GrpcUrl">Overrides the profile's listener.</param>
/// <param name="HttpUrl">Overrides the profile's listener.</param>
internal sealed record ProfileActivation(byte[]? HmacKey, string? GrpcUrl, string? HttpUrl)
{
    /// <summary>Renders it and judges it by this gateway's own options; null with every fault in the list.</summary>
    /// <param name="policyText">Empty where the profile switches redaction off.</param>
    /// <param name="folder">Where relative paths of the profile begin.</param>
    public LoadedProfile? Activate(Profile profile, string policyText, string folder, List<string> faults)
    {
        var before = faults.Count;
        var policy = profile.Redaction == Profile.NoRedaction ? null : Compile(profile.Redaction, policyText, faults);
        if (faults.Count > before
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

        return new LoadedProfile(
            new ProfileModel(GatewayRenderer.Render(profile, policyText), policy), grpc, http, asksForTls ? Resolve(profile.Ingest.Tls!, folder) : null);
    }

    private static IngestTlsProfile Resolve(IngestTlsProfile tls, string folder) => tls with
    {
        CertFile = Path.Combine(folder, tls.CertFile),
        KeyFile = Path.Combine(folder, tls.KeyFile),
        ClientCaFile = tls.ClientCaFile is { } authorities ? Path.Combine(folder, authorities) : null,
    };

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
