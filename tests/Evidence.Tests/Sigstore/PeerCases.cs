using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using StellaOps.Telemetry.Evidence.Identity;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Evidence.Sigstore;
using StellaOps.Telemetry.Evidence.Tests.TestServices;
using StellaOps.Telemetry.Tests.Shared.Signing;

namespace StellaOps.Telemetry.Evidence.Tests.Sigstore;

/// <summary>A bundle in every form that we sign, and what a verifier must say of it.</summary>
/// <param name="IsDsse">A statement, else a file's digest.</param>
/// <param name="IsOfPerson">Signed by certificate, else by key.</param>
/// <param name="IsAboutArtifact">Whether the fault is that the artifact is another, which whoever only looks at the bundle cannot see.</param>
internal sealed record PeerCase(string Name, bool IsDsse, bool HasTime, bool IsOfPerson, string Artifact, string Identity, bool IsGood, bool IsAboutArtifact = false)
{
    public string Bundle => Name + ".sigstore.json";
}

/// <summary>Sound bundles and tampered copies of them, in a folder.</summary>
internal sealed class PeerCases : IDisposable
{
    public const string Person = "https://example.org/people/ada";
    public const string Issuer = "https://login.example.org";
    public const string PredicateType = "https://stella-ops.org/telemetry/bundle/v1";

    private readonly TemporaryFolder _folder = new();
    private readonly SigningKey _key = SigningKey.Create();
    private readonly TestTimestampAuthority _tsa = new();
    private readonly TestAuthority _ca = new("ca", TestAuthority.CodeSigning);

    public List<PeerCase> Cases { get; } = [];

    public string Folder => _folder.Path;

    public static async Task<PeerCases> CreateAsync()
    {
        var cases = new PeerCases();
        await File.WriteAllTextAsync(cases._folder.At("artifact"), "what is signed");
        await File.WriteAllTextAsync(cases._folder.At("other"), "what is not signed");
        await File.WriteAllTextAsync(cases._folder.At("key.pub"), cases._key.Public.ToPem() + "\n");
        await File.WriteAllTextAsync(cases._folder.At("tsa.pem"), cases._tsa.Pem);
        await File.WriteAllTextAsync(cases._folder.At("ca.pem"), cases._ca.Pem);
        foreach (var isDsse in new[] { false, true })
        {
            await cases.AddAsync(isDsse, hasTime: false, isOfPerson: false);
            await cases.AddAsync(isDsse, hasTime: true, isOfPerson: false);
            await cases.AddAsync(isDsse, hasTime: true, isOfPerson: true);
        }

        return cases;
    }

    /// <summary>Whom we ask to have signed.</summary>
    public SignerTrust TrustOf(PeerCase one, TrustedRoot root) => new()
    {
        Keys = one.IsOfPerson ? [] : [new TrustedSigner(_key.Public)],
        Identities = one.IsOfPerson ? [new CertificateIdentity(one.Identity, Issuer)] : [],
        CertificateAuthorities = root.CertificateAuthorities,
        TimestampAuthorities = root.TimestampAuthorities,
    };

    public void Dispose()
    {
        _folder.Dispose();
        _key.Dispose();
        _tsa.Dispose();
        _ca.Dispose();
    }

    private async Task AddAsync(bool isDsse, bool hasTime, bool isOfPerson)
    {
        var name = (isDsse ? "dsse" : "message") + (isOfPerson ? "-person" : hasTime ? "-time" : "");
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = isOfPerson ? _ca.Issue(_key, Person, Issuer, now.AddMinutes(-10), now.AddMinutes(-2)) : null;
        _tsa.Now = () => now.AddMinutes(-5);
        var signer = new SigstoreSigner(_key, certificate, hasTime ? _tsa.Stamper : null);
        var sound = await SignAsync("artifact", isDsse, signer);
        var another = await SignAsync("other", isDsse, signer);
        async Task Add(string what, byte[] json, bool isGood, string artifact = "artifact", string identity = Person, bool isAboutArtifact = false)
        {
            Cases.Add(new PeerCase($"{name}{what}", isDsse, hasTime, isOfPerson, artifact, identity, isGood, isAboutArtifact));
            await File.WriteAllBytesAsync(_folder.At(Cases[^1].Bundle), json);
        }

        await Add("", sound, true);
        await Add("-artifact", sound, false, artifact: "other", isAboutArtifact: true);
        await Add("-signature", With(sound, another, isDsse ? ["dsseEnvelope", "signatures"] : ["messageSignature", "signature"]), false);
        await Add(isDsse ? "-payload" : "-digest", With(sound, another, isDsse ? ["dsseEnvelope", "payload"] : ["messageSignature", "messageDigest"]), false);
        if (hasTime)
        {
            await Add("-timestamp", With(sound, another, ["verificationMaterial", "timestampVerificationData"]), false);
        }

        if (!isOfPerson)
        {
            return;
        }

        using var stranger = new TestAuthority("ca", TestAuthority.CodeSigning);
        using var theirs = stranger.Issue(_key, Person, Issuer, now.AddMinutes(-10), now.AddMinutes(-2));
        using var ended = _ca.Issue(_key, Person, Issuer, now.AddMinutes(-10), now.AddMinutes(-6));
        await Add("-identity", sound, false, identity: "https://example.org/people/ben");
        await Add("-authority", await SignAsync("artifact", isDsse, new SigstoreSigner(_key, theirs, _tsa.Stamper)), false);
        await Add("-ended", await SignAsync("artifact", isDsse, new SigstoreSigner(_key, ended, _tsa.Stamper)), false);
    }

    private async Task<byte[]> SignAsync(string artifact, bool isDsse, SigstoreSigner signer)
    {
        var sha256 = SHA256.HashData(await File.ReadAllBytesAsync(_folder.At(artifact)));
        if (!isDsse)
        {
            return await SigstoreBundle.SignMessageAsync(sha256, signer, default);
        }

        using var predicate = JsonDocument.Parse("""{"a":1}""");
        var subject = new StatementSubject("artifact", new StatementDigest(Convert.ToHexStringLower(sha256)));
        return await SigstoreBundle.SignStatementAsync(new Statement(Statement.StatementType, [subject], PredicateType, predicate.RootElement.Clone()), signer, default);
    }

    /// <summary>A copy of which one part is another bundle's.</summary>
    private static byte[] With(byte[] json, byte[] other, string[] path)
    {
        var (copy, source) = (JsonNode.Parse(json)!, JsonNode.Parse(other)!);
        var (target, from) = (copy, source);
        foreach (var step in path[..^1])
        {
            (target, from) = (target[step]!, from[step]!);
        }

        target[path[^1]] = from[path[^1]]!.DeepClone();
        return Encoding.UTF8.GetBytes(copy.ToJsonString());
    }
}
