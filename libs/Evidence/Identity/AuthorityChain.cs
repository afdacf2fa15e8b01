using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.Evidence.Identity;

/// <summary>An authority's certificates, and when what it says counts.</summary>
public sealed class AuthorityChain
{
    private const int MaxCertificates = 10;

    private readonly X509Certificate2Collection _roots = [];
    private readonly X509Certificate2Collection _others = [];

    /// <param name="certificates">Any leaf first, the self-signed root last.</param>
    /// <exception cref="CryptographicException">It does not end in a self-signed root, or is too long.</exception>
    public AuthorityChain(string name, IReadOnlyList<X509Certificate2> certificates, ValidityPeriod validity)
    {
        if (certificates.Count is 0 or > MaxCertificates)
        {
            throw new CryptographicException($"authority '{name}' has {certificates.Count} certificates: name 1 to {MaxCertificates}, any leaf first, the root last");
        }

        if (!IsSelfIssued(certificates[^1]))
        {
            throw new CryptographicException($"authority '{name}' does not end in a self-signed root: '{certificates[^1].Subject}' was issued by '{certificates[^1].Issuer}'");
        }

        (Name, Validity) = (name, validity);
        Leaf = IsAuthority(certificates[0]) ? null : certificates[0];
        foreach (var certificate in certificates)
        {
            (IsSelfIssued(certificate) ? _roots : _others).Add(certificate);
        }
    }

    /// <summary>For people.</summary>
    public string Name { get; }

    /// <summary>When what it says counts.</summary>
    public ValidityPeriod Validity { get; }

    /// <summary>The one certificate that may sign for it; null when any that it issued may.</summary>
    public X509Certificate2? Leaf { get; }

    /// <summary>From a trust file.</summary>
    /// <exception cref="CryptographicException">No such chain.</exception>
    public static AuthorityChain Of(TrustedAuthority authority) =>
        FromPem(authority.Name, authority.CertificatesPem, new ValidityPeriod(authority.ValidFrom, authority.ValidUntil));

    /// <summary>From PEM text.</summary>
    /// <exception cref="CryptographicException">No such chain.</exception>
    public static AuthorityChain FromPem(string name, string pem, ValidityPeriod validity = default)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(pem);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new CryptographicException($"authority '{name}': not certificates in PEM: {e.Message}", e);
        }

        return new AuthorityChain(name, [.. certificates], validity);
    }

    /// <summary>Candidates for whoever looks for the signer of a token.</summary>
    internal X509Certificate2Collection All => [.. _others, .. _roots];

    /// <summary>Whether the certificate was issued, for this purpose and good at this time, by this authority. It asks no network.</summary>
    /// <param name="usage">The extended key usage it needs.</param>
    /// <param name="chain">DER of the certificates from it to the root.</param>
    internal bool Issued(X509Certificate2 certificate, string usage, DateTimeOffset at, out IReadOnlyList<byte[]> chain, out string error)
    {
        using var builder = new X509Chain();
        builder.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        builder.ChainPolicy.CustomTrustStore.AddRange(_roots);
        builder.ChainPolicy.ExtraStore.AddRange(_others);
        builder.ChainPolicy.ApplicationPolicy.Add(new Oid(usage));
        builder.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        builder.ChainPolicy.DisableCertificateDownloads = true;
        builder.ChainPolicy.VerificationTime = at.UtcDateTime;
        bool isGood;
        try
        {
            isGood = builder.Build(certificate);
        }
        catch (CryptographicException e)
        {
            // An extension that is no DER, of a certificate that somebody else brought.
            (chain, error) = ([], e.Message);
            return false;
        }

        chain = [.. builder.ChainElements.Select(e => e.Certificate.RawData)];
        error = isGood ? "" : string.Join(", ", builder.ChainStatus.Select(s => s.Status).Distinct());
        foreach (var element in builder.ChainElements)
        {
            element.Certificate.Dispose();
        }

        return isGood;
    }

    private static bool IsSelfIssued(X509Certificate2 certificate) => certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);

    private static bool IsAuthority(X509Certificate2 certificate) => certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(e => e.CertificateAuthority);
}
