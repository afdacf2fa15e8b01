using System.Security.Cryptography;

namespace StellaOps.Telemetry.Evidence.Signing;

/// <summary>A P-256 public key.</summary>
public sealed class VerificationKey : IDisposable
{
    private readonly ECDsa _ecdsa;

    private VerificationKey(ECDsa ecdsa)
    {
        _ecdsa = ecdsa;
        SubjectPublicKeyInfo = ecdsa.ExportSubjectPublicKeyInfo();
        KeyId = Convert.ToHexStringLower(SHA256.HashData(SubjectPublicKeyInfo.Span));
    }

    /// <summary>Lower-case hex of the SHA-256 of the SubjectPublicKeyInfo (DER).</summary>
    public string KeyId { get; }

    /// <summary>DER.</summary>
    public ReadOnlyMemory<byte> SubjectPublicKeyInfo { get; }

    /// <summary>Reads a SubjectPublicKeyInfo (DER).</summary>
    /// <exception cref="CryptographicException">Not a P-256 public key.</exception>
    public static VerificationKey FromSubjectPublicKeyInfo(ReadOnlySpan<byte> der)
    {
        var ecdsa = ECDsa.Create();
        try
        {
            ecdsa.ImportSubjectPublicKeyInfo(der, out _);
            return RequireP256(ecdsa);
        }
        catch (PlatformNotSupportedException e)
        {
            // The BCL throws this for a curve that it has never heard of.
            ecdsa.Dispose();
            throw new CryptographicException("no P-256 public key", e);
        }
        catch
        {
            ecdsa.Dispose();
            throw;
        }
    }

    /// <summary>Reads a <c>PUBLIC KEY</c> PEM.</summary>
    /// <exception cref="CryptographicException">Not a P-256 public key in PEM.</exception>
    public static VerificationKey FromPem(string pem)
    {
        var ecdsa = ECDsa.Create();
        try
        {
            ecdsa.ImportFromPem(pem);
            return RequireP256(ecdsa);
        }
        catch (Exception e) when (e is ArgumentException or PlatformNotSupportedException)
        {
            // The BCL throws the one for an unknown label and for a point that is not on the curve, the other for an unknown curve.
            ecdsa.Dispose();
            throw new CryptographicException("no P-256 public key in PEM", e);
        }
        catch
        {
            ecdsa.Dispose();
            throw;
        }
    }

    /// <summary>The key as <c>PUBLIC KEY</c> PEM.</summary>
    public string ToPem() => _ecdsa.ExportSubjectPublicKeyInfoPem();

    /// <summary>Whether the DER signature is this key's over the data. A malformed signature is false, never an exception.</summary>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        try
        {
            return _ecdsa.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>As <see cref="Verify"/>, of what has this SHA-256.</summary>
    public bool VerifyDigest(ReadOnlySpan<byte> sha256, ReadOnlySpan<byte> signature)
    {
        try
        {
            return _ecdsa.VerifyHash(sha256, signature, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _ecdsa.Dispose();

    private static VerificationKey RequireP256(ECDsa ecdsa) => ecdsa.KeySize == 256
        ? new VerificationKey(ecdsa)
        : throw new CryptographicException($"a P-256 key is needed, this one has {ecdsa.KeySize} bits");
}
