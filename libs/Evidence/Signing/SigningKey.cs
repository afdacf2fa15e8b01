using System.Security.Cryptography;

namespace StellaOps.Telemetry.Evidence.Signing;

/// <summary>A P-256 private key. Signatures are ECDSA with SHA-256 in DER, the one form that every cosign verifies.</summary>
public sealed class SigningKey : IDisposable
{
    private readonly ECDsa _ecdsa;

    private SigningKey(ECDsa ecdsa)
    {
        _ecdsa = ecdsa;
        Public = VerificationKey.FromSubjectPublicKeyInfo(ecdsa.ExportSubjectPublicKeyInfo());
    }

    /// <summary>The public half.</summary>
    public VerificationKey Public { get; }

    /// <inheritdoc cref="VerificationKey.KeyId"/>
    public string KeyId => Public.KeyId;

    /// <summary>Makes a new key.</summary>
    public static SigningKey Create() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>Reads an unencrypted PKCS#8 private key (DER).</summary>
    /// <exception cref="CryptographicException">Not a P-256 private key.</exception>
    public static SigningKey FromPkcs8(ReadOnlySpan<byte> der)
    {
        var ecdsa = ECDsa.Create();
        try
        {
            ecdsa.ImportPkcs8PrivateKey(der, out _);
            return RequireP256(ecdsa);
        }
        catch
        {
            ecdsa.Dispose();
            throw;
        }
    }

    /// <summary>Reads an unencrypted PKCS#8 PEM file.</summary>
    /// <exception cref="CryptographicException">Not a P-256 private key in PEM.</exception>
    public static SigningKey Load(string path)
    {
        var ecdsa = ECDsa.Create();
        try
        {
            ecdsa.ImportFromPem(File.ReadAllText(path));
            return RequireP256(ecdsa);
        }
        catch (Exception e) when (e is ArgumentException or PlatformNotSupportedException)
        {
            ecdsa.Dispose();
            throw new CryptographicException($"'{path}' holds no P-256 private key in PEM.", e);
        }
        catch
        {
            ecdsa.Dispose();
            throw;
        }
    }

    /// <summary>Writes the private key as PKCS#8 PEM, readable by its owner only. An existing file is left alone and refused.</summary>
    /// <exception cref="IOException">The file exists.</exception>
    public void Save(string path)
    {
        using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        using var writer = new StreamWriter(file);
        writer.Write(_ecdsa.ExportPkcs8PrivateKeyPem());
        writer.Write('\n');
    }

    /// <summary>The private key as unencrypted PKCS#8 (DER). The caller clears it.</summary>
    public byte[] ExportPkcs8() => _ecdsa.ExportPkcs8PrivateKey();

    /// <summary>Signs; the result is randomised, so it never stands inside anything that must be reproducible.</summary>
    public byte[] Sign(ReadOnlySpan<byte> data) => _ecdsa.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

    /// <summary>Signs what has this SHA-256: for files too long for one span.</summary>
    public byte[] SignDigest(ReadOnlySpan<byte> sha256) => _ecdsa.SignHash(sha256, DSASignatureFormat.Rfc3279DerSequence);

    /// <inheritdoc/>
    public void Dispose()
    {
        _ecdsa.Dispose();
        Public.Dispose();
    }

    private static SigningKey RequireP256(ECDsa ecdsa) => ecdsa.KeySize == 256
        ? new SigningKey(ecdsa)
        : throw new CryptographicException($"a P-256 key is needed, this one has {ecdsa.KeySize} bits");
}
