using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;

/// <summary>A certificate authority of a test's own.</summary>
internal sealed class TestAuthority : IDisposable
{
    private static readonly Oid s_client = new("1.3.6.1.5.5.7.3.2");
    private static readonly Oid s_server = new("1.3.6.1.5.5.7.3.1");

    private readonly X509Certificate2 _certificate;
    private readonly TimeProvider _time = TimeProvider.System;
    private long _serial = 1;

    public TestAuthority(string name = "test authority")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        _certificate = request.CreateSelfSigned(_time.GetUtcNow().AddDays(-1), _time.GetUtcNow().AddDays(1));
    }

    public string Pem => _certificate.ExportCertificatePem();

    public X509Certificate2 Certificate => _certificate;

    /// <summary>A server's certificate for loopback.</summary>
    public X509Certificate2 Server()
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        return Issue("CN=gateway", s_server, [names.Build()], TimeSpan.FromHours(1));
    }

    /// <summary>A sender's certificate with these URIs as names.</summary>
    public X509Certificate2 Client(params string[] uris) => Client(TimeSpan.FromHours(1), uris);

    /// <summary>One whose validity ends so long from now; negative: has ended.</summary>
    public X509Certificate2 Client(TimeSpan lifetime, params string[] uris) =>
        Issue("CN=sender", s_client, uris.Length == 0 ? [] : [Names(uris)], lifetime);

    /// <summary>A certificate that is for servers, shown by a client.</summary>
    public X509Certificate2 ServerOnly(string uri) => Issue("CN=sender", s_server, [Names([uri])], TimeSpan.FromHours(1));

    public void Dispose() => _certificate.Dispose();

    private X509Certificate2 Issue(string subject, Oid usage, IEnumerable<X509Extension> extensions, TimeSpan lifetime)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([usage], false));
        foreach (var extension in extensions)
        {
            request.CertificateExtensions.Add(extension);
        }

        using var certificate = request.Create(
            _certificate, _time.GetUtcNow().AddHours(-12), _time.GetUtcNow() + lifetime, BitConverter.GetBytes(Interlocked.Increment(ref _serial)));
        return certificate.CopyWithPrivateKey(key);
    }

    /// <summary>Written by hand: the framework's builder takes only what a URI may be.</summary>
    private static X509Extension Names(IEnumerable<string> uris)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            foreach (var uri in uris)
            {
                writer.WriteCharacterString(UniversalTagNumber.IA5String, uri, new Asn1Tag(TagClass.ContextSpecific, 6));
            }
        }

        return new X509Extension("2.5.29.17", writer.Encode(), critical: false);
    }
}
