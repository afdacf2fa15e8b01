using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace StellaOps.Telemetry.IngestGateway.Tests.TestServices;

/// <summary>An authority and what it signed, as PEM files of a folder.</summary>
internal sealed class TestPki(string folder) : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private X509Certificate2? _authority;

    public string CaFile => Path.Combine(folder, "ca.pem");

    public string CertFile => Path.Combine(folder, "client.pem");

    public string KeyFile => Path.Combine(folder, "client.key");

    /// <summary>Makes the authority, and has <see cref="CaFile"/> name it.</summary>
    public void Create(string name)
    {
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _authority = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(2));
        Directory.CreateDirectory(folder);
        File.WriteAllText(CaFile, _authority.ExportCertificatePem());
    }

    /// <summary>A server's certificate with its key.</summary>
    public X509Certificate2 Server(string? dnsName)
    {
        var names = new SubjectAlternativeNameBuilder();
        if (dnsName is null)
        {
            names.AddIpAddress(IPAddress.Loopback);
        }
        else
        {
            names.AddDnsName(dnsName);
        }

        var (certificate, key) = Sign("server", names);
        using (certificate)
        using (key)
        {
            using var whole = certificate.CopyWithPrivateKey(key);
            return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
        }
    }

    /// <summary>Puts a client's certificate and key into <see cref="CertFile"/> and <see cref="KeyFile"/>.</summary>
    public void WriteClient(string name)
    {
        var (certificate, key) = Sign(name, new SubjectAlternativeNameBuilder());
        using (certificate)
        using (key)
        {
            File.WriteAllText(KeyFile, key.ExportPkcs8PrivateKeyPem());
            File.WriteAllText(CertFile, certificate.ExportCertificatePem());
        }
    }

    public void Dispose()
    {
        _authority?.Dispose();
        _key.Dispose();
    }

    private (X509Certificate2 Certificate, ECDsa Key) Sign(string name, SubjectAlternativeNameBuilder names)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());
        return (request.Create(_authority!, TimeProvider.System.GetUtcNow().AddHours(-1), TimeProvider.System.GetUtcNow().AddDays(1), RandomNumberGenerator.GetBytes(8)), key);
    }
}
