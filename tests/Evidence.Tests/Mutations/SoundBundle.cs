using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using StellaOps.Telemetry.Evidence.Bundles;
using StellaOps.Telemetry.Evidence.Identity;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Evidence.Sigstore;
using StellaOps.Telemetry.Evidence.Tests.TestServices;
using StellaOps.Telemetry.Tests.Shared.Signing;

namespace StellaOps.Telemetry.Evidence.Tests.Mutations;

/// <summary>A bundle with nothing wrong: signed by a service and by an operator, each with a time; its files in memory.</summary>
internal sealed class SoundBundle : IDisposable
{
    public const string Name = "b";
    public const string Person = "https://example.org/people/ada";
    public const string Issuer = "https://login.example.org";

    private readonly SigningKey _service = SigningKey.Create();
    private readonly SigningKey _operator = SigningKey.Create();
    private readonly TestTimestampAuthority _tsa = new();
    private readonly TestAuthority _ca = new("ca", TestAuthority.CodeSigning);
    private readonly X509Certificate2? _certificate;
    private readonly bool _hasTime;

    private SoundBundle(bool isOfPerson, bool hasTime)
    {
        _hasTime = hasTime;
        _certificate = isOfPerson ? _ca.Issue(_service, Person, Issuer) : null;
        Demand = new VerificationDemand(new SignerTrust
        {
            Keys = isOfPerson ? [new TrustedSigner(_operator.Public)] : [new TrustedSigner(_service.Public), new TrustedSigner(_operator.Public)],
            Identities = isOfPerson ? [new CertificateIdentity(Person, Issuer)] : [],
            CertificateAuthorities = isOfPerson ? [_ca.Chain()] : [],
            TimestampAuthorities = [_tsa.Chain()],
        })
        {
            Everyone = true,
            Time = hasTime,
        };
    }

    public VerificationDemand Demand { get; }

    public Dictionary<string, byte[]> Files { get; private set; } = [];

    public WrittenBundle Written { get; private set; } = null!;

    public string Attestation => Name + BundleFormat.AttestationSuffix;

    public string Provenance => Name + BundleFormat.ProvenanceSuffix;

    public string Further => $"{Name}.{_operator.KeyId}{BundleFormat.AttestationSuffix}";

    public IReadOnlyList<string> Parts => [.. Written.Parts.Select(p => p.FileName)];

    public SigningKey Operator => _operator;

    public TestTimestampAuthority Tsa => _tsa;

    /// <param name="perSignal">Records.</param>
    public static async Task<SoundBundle> CreateAsync(int perSignal, long maxPartBytes = BundleFormat.MaxPartBytes, bool isOfPerson = false, bool hasTime = true)
    {
        var bundle = new SoundBundle(isOfPerson, hasTime);
        using var folder = new TemporaryFolder();
        bundle.Written = await new BundleWriter(new TestFrames(), folder.Path) { MaxPartBytes = maxPartBytes }.WriteAsync(folder.Path, Name, TestFrames.Of(TestFrames.Sample(perSignal)), default);
        bundle.Files = await bundle.SignAsync(folder, bundle.Written);
        return bundle;
    }

    /// <summary>Any bytes as the only part, with signatures that fit.</summary>
    public async Task<Dictionary<string, byte[]?>> SignedAsync(byte[] archive, IReadOnlyDictionary<string, BundleSignal>? signals = null)
    {
        using var folder = new TemporaryFolder();
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(archive));
        await File.WriteAllBytesAsync(folder.At(Parts[0]), archive);
        var files = await SignAsync(folder, new WrittenBundle(Name, [new BundlePart(Parts[0], archive.Length, sha256)], sha256, new BundleManifest("", signals ?? Written.Manifest.Signals)));
        return files.ToDictionary(f => f.Key, f => (byte[]?)f.Value);
    }

    /// <summary>Both attestations of any statement.</summary>
    public async Task<Dictionary<string, byte[]?>> AttestedAsync(Statement statement) => new()
    {
        [Attestation] = await SigstoreBundle.SignStatementAsync(statement, First, default),
        [Further] = await SigstoreBundle.SignStatementAsync(statement, Second, default),
    };

    public SigstoreSigner First => new(_service, _certificate, _hasTime ? _tsa.Stamper : null);

    public SigstoreSigner Second => new(_operator, null, _hasTime ? _tsa.Stamper : null);

    public SigstoreBundle Parsed(string file) => SigstoreBundle.TryParse(Files[file], out var bundle, out var error) ? bundle : throw new InvalidOperationException(error);

    public void Dispose()
    {
        _service.Dispose();
        _operator.Dispose();
        _tsa.Dispose();
        _ca.Dispose();
        _certificate?.Dispose();
    }

    private async Task<Dictionary<string, byte[]>> SignAsync(TemporaryFolder folder, WrittenBundle written)
    {
        var provenance = Encoding.UTF8.GetBytes("""{"request":"all of it"}""");
        await BundleSigner.SignAsync(folder.Path, written, provenance, First, default);
        await BundleSigner.AddSignerAsync(BundleFiles.Locate(folder.At(Name)), BundleSigner.StatementOf(written, SHA256.HashData(provenance)), Second, default);
        return Directory.EnumerateFiles(folder.Path).ToDictionary(f => Path.GetFileName(f), File.ReadAllBytes);
    }
}
