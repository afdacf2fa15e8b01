using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using StellaOps.Telemetry.Evidence.Identity;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Evidence.Time;

namespace StellaOps.Telemetry.Evidence.Sigstore;

/// <summary>Whoever signs: a key, who a private authority says it is, and where the time comes from.</summary>
public sealed class SigstoreSigner
{
    /// <param name="certificate">Of this key; null to sign by the key alone.</param>
    /// <param name="timestamper">Null to sign without a time.</param>
    /// <exception cref="CryptographicException">The certificate is of another key, or names nobody.</exception>
    public SigstoreSigner(SigningKey key, X509Certificate2? certificate = null, Timestamper? timestamper = null)
    {
        if (certificate is not null)
        {
            if (!CertificateIdentity.TryRead(certificate, out _, out var certified, out var error))
            {
                throw new CryptographicException($"certificate '{certificate.Subject}': {error}");
            }

            using (certified)
            {
                if (certified.KeyId != key.KeyId)
                {
                    throw new CryptographicException($"certificate '{certificate.Subject}' is of the key {certified.KeyId}, not of the signing key {key.KeyId}");
                }
            }
        }

        (Key, Certificate, Timestamper) = (key, certificate, timestamper);
    }

    /// <summary>The key.</summary>
    public SigningKey Key { get; }

    /// <summary>The key's certificate.</summary>
    public X509Certificate2? Certificate { get; }

    /// <summary>Where the time comes from.</summary>
    public Timestamper? Timestamper { get; }

    internal async Task<byte[]> StampAsync(SigstoreBundle plain, CancellationToken cancellationToken) => SigstoreBundleWriter.Write(
        Timestamper is null ? plain : plain.With(await Timestamper.StampAsync(plain.Signature, cancellationToken).ConfigureAwait(false)));
}
