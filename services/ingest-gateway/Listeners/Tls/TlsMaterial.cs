using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using StellaOps.Telemetry.Profiles.Model;

namespace StellaOps.Telemetry.IngestGateway.Listeners.Tls;

/// <summary>What the listeners' TLS goes by: immutable, swapped whole when the files change.</summary>
internal sealed class TlsMaterial
{
    private static readonly Oid s_clientAuthentication = new("1.3.6.1.5.5.7.3.2");

    private readonly SslStreamCertificateContext _server;
    private readonly X509Certificate2Collection _authorities;

    private TlsMaterial(IngestTlsProfile settings, SslStreamCertificateContext server, X509Certificate2Collection authorities)
    {
        (Settings, _server, _authorities) = (settings, server, authorities);
        ExpiresAt = server.TargetCertificate.NotAfter.ToUniversalTime();
        Fingerprint = server.TargetCertificate.GetCertHashString(HashAlgorithmName.SHA256);
    }

    public IngestTlsProfile Settings { get; }

    /// <summary>When the server's certificate ends.</summary>
    public DateTimeOffset ExpiresAt { get; }

    /// <summary>SHA-256 of the server's certificate.</summary>
    public string Fingerprint { get; }

    /// <summary>Reads and judges the files; null with every fault in the list.</summary>
    public static TlsMaterial? Load(IngestTlsProfile settings, DateTimeOffset now, List<string> faults)
    {
        var server = Read("ingest.tls.cert_file and key_file", settings.CertFile, () => Server(settings, now), faults);
        var authorities = settings.ClientCaFile is { } file ? Read("ingest.tls.client_ca_file", file, () => Authorities(file), faults) : [];
        return server is null || authorities is null ? null : new TlsMaterial(settings, server, authorities);
    }

    /// <summary>For one handshake. The framework adds to the policy while it works, so each has its own.</summary>
    public SslServerAuthenticationOptions NewServerOptions(TimeProvider time)
    {
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = _server,
            EnabledSslProtocols = Settings.MinVersion == TlsVersion.Tls13 ? SslProtocols.Tls13 : SslProtocols.Tls12 | SslProtocols.Tls13,
        };
        if (Settings.ClientAuth != ClientAuth.None)
        {
            // A resumed session would bring a certificate that nobody judged in this handshake.
            options.AllowTlsResume = false;
            options.ClientCertificateRequired = true;
            options.CertificateChainPolicy = NewClientPolicy(time);
            options.RemoteCertificateValidationCallback = (_, _, _, errors) =>
                errors == SslPolicyErrors.None || (errors == SslPolicyErrors.RemoteCertificateNotAvailable && Settings.ClientAuth == ClientAuth.Optional);
        }

        return options;
    }

    /// <summary>Whether a certificate of an established connection is still good by these authorities.</summary>
    public bool Trusts(X509Certificate2 certificate, TimeProvider time)
    {
        using var chain = new X509Chain { ChainPolicy = NewClientPolicy(time) };
        return chain.Build(certificate);
    }

    /// <summary>The profile's authorities and no other, for clients, by our clock, without a network.</summary>
    private X509ChainPolicy NewClientPolicy(TimeProvider time)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationTimeIgnored = false,
            VerificationTime = time.GetUtcNow().UtcDateTime,
        };
        policy.ApplicationPolicy.Add(s_clientAuthentication);
        policy.CustomTrustStore.AddRange(_authorities);
        return policy;
    }

    private static T? Read<T>(string key, string file, Func<T> read, List<string> faults)
        where T : class
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException or FormatException)
        {
            faults.Add($"{key} '{file}' cannot be used: {e.Message}");
            return null;
        }
    }

    private static SslStreamCertificateContext Server(IngestTlsProfile settings, DateTimeOffset now)
    {
        var certificate = X509Certificate2.CreateFromPemFile(settings.CertFile, settings.KeyFile);
        if (now >= certificate.NotAfter)
        {
            throw new FormatException($"the certificate ended at {certificate.NotAfter.ToUniversalTime():O}; issue a new one");
        }

        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(settings.CertFile);
        chain.RemoveAt(0);
        return SslStreamCertificateContext.Create(certificate, chain, offline: true);
    }

    private static X509Certificate2Collection Authorities(string file)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(file);
        return authorities.Count == 0 || authorities.Any(c => !IsAuthority(c))
            ? throw new FormatException("not a list of certificate authorities; write the PEM certificates of those who issue to senders")
            : authorities;
    }

    private static bool IsAuthority(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509BasicConstraintsExtension>().FirstOrDefault()?.CertificateAuthority == true;
}
