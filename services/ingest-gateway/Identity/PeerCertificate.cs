using System.Security.Cryptography.X509Certificates;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.Listeners.Tls;

namespace StellaOps.Telemetry.IngestGateway.Identity;

/// <summary>
/// The certificate of a connection, whose chain the handshake judged. What it names is read once; a request then costs two comparisons.
/// </summary>
internal sealed class PeerCertificate
{
    private readonly X509Certificate2 _certificate;
    private readonly TlsState _tls;
    private readonly DateTimeOffset _expiresAt;
    private readonly TenantId _tenant;
    private Verdict _verdict;

    public PeerCertificate(X509Certificate2 certificate, TlsState tls)
    {
        (_certificate, _tls, _verdict) = (certificate, tls, new Verdict(tls.Current, true));
        _expiresAt = certificate.NotAfter.ToUniversalTime();
        Identity = SpiffeTenant.Read(certificate, tls.Current.Settings.TrustDomain, out _tenant);
    }

    public CertificateIdentity Identity { get; }

    /// <summary>The tenant that it names, if it names one.</summary>
    public TenantId? Tenant => Identity == CertificateIdentity.Tenant ? _tenant : null;

    /// <summary>Whether it is good still: connections live for weeks, and meanwhile it may end, or its authority be taken off the list.</summary>
    public bool IsGood => _tls.Time.GetUtcNow() < _expiresAt && IsTrusted();

    private bool IsTrusted()
    {
        var verdict = Volatile.Read(ref _verdict);
        var material = _tls.Current;
        if (!ReferenceEquals(verdict.By, material))
        {
            verdict = new Verdict(material, material.Trusts(_certificate, _tls.Time));
            Volatile.Write(ref _verdict, verdict);
        }

        return verdict.IsTrusted;
    }

    private sealed record Verdict(TlsMaterial By, bool IsTrusted);
}
