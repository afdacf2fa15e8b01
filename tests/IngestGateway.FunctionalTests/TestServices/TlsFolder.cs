using System.Security.Cryptography.X509Certificates;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;

/// <summary>The TLS files of a gateway under test, and the profile that names them.</summary>
internal sealed class TlsFolder : IDisposable
{
    public const string TrustDomain = "test.example";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stella-tls-");

    public TlsFolder()
    {
        Write(Servers.Server());
        WriteClientAuthority(Senders.Pem);
    }

    /// <summary>Who issued the gateway's certificate.</summary>
    public TestAuthority Servers { get; } = new("servers");

    /// <summary>Who issues to senders.</summary>
    public TestAuthority Senders { get; } = new("senders");

    public string CertFile => Path.Combine(_folder.FullName, "tls.crt");

    public string KeyFile => Path.Combine(_folder.FullName, "tls.key");

    public string ClientCaFile => Path.Combine(_folder.FullName, "senders.crt");

    public string Profile(string clientAuth, string minVersion = "1.2")
    {
        var tls = clientAuth == "none"
            ? $"{{ cert_file: {CertFile}, key_file: {KeyFile}, min_version: '{minVersion}' }}"
            : $"{{ cert_file: {CertFile}, key_file: {KeyFile}, client_ca_file: {ClientCaFile}, client_auth: {clientAuth}, trust_domain: {TrustDomain}, min_version: '{minVersion}' }}";
        return TestProfiles.Small.Replace("ingest: { limits:", $"ingest: {{ tls: {tls}, limits:", StringComparison.Ordinal);
    }

    public void Write(X509Certificate2 server)
    {
        Replace(CertFile, server.ExportCertificatePem());
        using var key = server.GetECDsaPrivateKey()!;
        Replace(KeyFile, key.ExportPkcs8PrivateKeyPem());
    }

    public void WriteClientAuthority(string pem) => Replace(ClientCaFile, pem);

    /// <summary>As a Kubernetes secret changes: another file at the same name.</summary>
    public static void Replace(string file, string content)
    {
        File.WriteAllText(file + ".next", content);
        File.Move(file + ".next", file, overwrite: true);
    }

    public void Dispose()
    {
        Servers.Dispose();
        Senders.Dispose();
        _folder.Delete(recursive: true);
    }
}
