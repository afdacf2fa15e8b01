using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Identity;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.Tests.Shared.Signing;

/// <summary>A root and an intermediate of a test's own, for signers' certificates or for timestamps.</summary>
public sealed class TestAuthority : IDisposable
{
    public const string CodeSigning = "1.3.6.1.5.5.7.3.3";
    public const string TimeStamping = "1.3.6.1.5.5.7.3.8";

    private readonly string _usage;
    private readonly ECDsa _intermediateKey;

    /// <param name="usage">Extended key usage of what it issues, and of its intermediate.</param>
    public TestAuthority(string name, string usage, DateTimeOffset? from = null, DateTimeOffset? until = null)
    {
        Name = name;
        _usage = usage;
        From = WholeSecond(from ?? TimeProvider.System.GetUtcNow().AddDays(-30));
        Until = WholeSecond(until ?? TimeProvider.System.GetUtcNow().AddDays(30));
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var root = new CertificateRequest($"CN={name} root, O=tests", rootKey, HashAlgorithmName.SHA256);
        AddAuthority(root, 1);
        Root = root.CreateSelfSigned(From, Until);
        _intermediateKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var intermediate = new CertificateRequest($"CN={name} intermediate, O=tests", _intermediateKey, HashAlgorithmName.SHA256);
        AddAuthority(intermediate, 0);
        intermediate.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        Intermediate = intermediate.Create(Root, From, Until, Serial());
    }

    public string Name { get; }

    public DateTimeOffset From { get; }

    public DateTimeOffset Until { get; }

    public X509Certificate2 Root { get; }

    public X509Certificate2 Intermediate { get; }

    /// <summary>The chain above what it issues.</summary>
    public string Pem => Pems(Intermediate, Root);

    public AuthorityChain Chain(ValidityPeriod validity = default) => AuthorityChain.FromPem(Name, Pem, validity);

    public TrustedAuthority Trusted => new(Name, Pem);

    /// <summary>A signer's certificate.</summary>
    public X509Certificate2 Issue(
        SigningKey key, string identity, string issuer, DateTimeOffset? from = null, DateTimeOffset? until = null, string? usage = null, bool isAuthority = false)
    {
        using var ecdsa = ECDsa.Create();
        ecdsa.ImportSubjectPublicKeyInfo(key.Public.SubjectPublicKeyInfo.Span, out _);
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri(identity));
        var text = new AsnWriter(AsnEncodingRules.DER);
        text.WriteCharacterString(UniversalTagNumber.UTF8String, issuer);
        return Issue(ecdsa, "", usage ?? _usage, isCritical: false, from, until, request =>
        {
            request.CertificateExtensions.Add(names.Build(critical: true));
            request.CertificateExtensions.Add(new X509Extension("1.3.6.1.4.1.57264.1.8", text.Encode(), critical: false));
            if (isAuthority)
            {
                request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            }
        });
    }

    /// <summary>Any leaf.</summary>
    public X509Certificate2 Issue(
        ECDsa key, string commonName, string usage, bool isCritical, DateTimeOffset? from = null, DateTimeOffset? until = null, Action<CertificateRequest>? more = null)
    {
        var request = new CertificateRequest(commonName.Length == 0 ? "" : $"CN={commonName}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], isCritical));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Intermediate, true, false));
        more?.Invoke(request);
        using var issuer = Intermediate.CopyWithPrivateKey(_intermediateKey);
        return request.Create(issuer, from ?? From, until ?? Until, Serial());
    }

    public static string Pems(params IEnumerable<X509Certificate2> certificates) => string.Concat(certificates.Select(c => c.ExportCertificatePem() + "\n"));

    public void Dispose()
    {
        Root.Dispose();
        Intermediate.Dispose();
        _intermediateKey.Dispose();
    }

    /// <summary>As certificates have times: a leaf must not end a fraction after its authority.</summary>
    private static DateTimeOffset WholeSecond(DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerSecond));

    private static void AddAuthority(CertificateRequest request, int pathLength)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, pathLength, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
    }

    private static byte[] Serial()
    {
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x7F) | 0x40);
        return serial;
    }
}
