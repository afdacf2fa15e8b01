using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Macs;
using Org.BouncyCastle.Crypto.Parameters;

namespace StellaOps.Telemetry.Evidence.Signing;

/// <summary>
/// cosign's private key file: PEM around JSON, scrypt for the password, nacl/secretbox around PKCS#8
/// (https://github.com/sigstore/cosign/blob/v2.5.0/pkg/cosign/keys.go, https://github.com/secure-systems-lab/go-securesystemslib/tree/v0.9.0/encrypted).
/// </summary>
public static class CosignKey
{
    private const string Label = "ENCRYPTED SIGSTORE PRIVATE KEY";
    private const string OldLabel = "ENCRYPTED COSIGN PRIVATE KEY";
    private const int ScryptN = 65536;
    private const int ScryptR = 8;
    private const int ScryptP = 1;

    // 128 * N * r bytes are allocated by what the file claims: 256 MiB at most, four times what cosign writes.
    private const int MaxScryptN = 1 << 18;
    private const int MaxFileChars = 64 * 1024;
    private const int KeyLength = 32;
    private const int NonceLength = 24;
    private const int TagLength = 16;

    /// <summary>Encrypts a key as cosign reads it.</summary>
    public static string Write(SigningKey key, string password)
    {
        var salt = RandomNumberGenerator.GetBytes(32);
        var nonce = RandomNumberGenerator.GetBytes(NonceLength);
        var plain = key.ExportPkcs8();
        try
        {
            var secret = SCrypt.Generate(Encoding.UTF8.GetBytes(password), salt, ScryptN, ScryptR, ScryptP, KeyLength);
            var file = new CosignKeyFile(
                new CosignKdf("scrypt", new CosignScrypt(ScryptN, ScryptR, ScryptP), salt),
                new CosignCipher("nacl/secretbox", nonce),
                Seal(plain, secret, nonce));
            return PemEncoding.WriteString(Label, JsonSerializer.SerializeToUtf8Bytes(file, CosignJson.Default.CosignKeyFile)) + "\n";
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    /// <summary>Decrypts a key that cosign, or <see cref="Write"/>, wrote.</summary>
    /// <exception cref="CryptographicException">Not such a file, the password is wrong, or the key is not P-256.</exception>
    public static SigningKey Read(string pem, string password)
    {
        var file = Parse(pem);
        var secret = SCrypt.Generate(Encoding.UTF8.GetBytes(password), file.Kdf.Salt, file.Kdf.Params.N, file.Kdf.Params.R, file.Kdf.Params.P, KeyLength);
        var plain = Open(file.Ciphertext, secret, file.Cipher.Nonce)
            ?? throw new CryptographicException("the password does not open this cosign key");
        try
        {
            return SigningKey.FromPkcs8(plain);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    /// <summary>Reads the key file with the password in another file (without its line end).</summary>
    /// <exception cref="CryptographicException">As <see cref="Read"/>.</exception>
    public static SigningKey Load(string keyFile, string passwordFile) =>
        Read(File.ReadAllText(keyFile), File.ReadAllText(passwordFile).TrimEnd('\r', '\n'));

    private static CosignKeyFile Parse(string pem)
    {
        try
        {
            if (pem.Length <= MaxFileChars && PemEncoding.TryFind(pem, out var found) && pem[found.Label] is Label or OldLabel)
            {
                var file = JsonSerializer.Deserialize(Convert.FromBase64String(pem[found.Base64Data]), CosignJson.Default.CosignKeyFile);
                if (file is { Kdf: { Name: "scrypt", Salt.Length: >= 16, Params: { N: >= 2 and <= MaxScryptN, R: 8, P: >= 1 and <= 4 } }, Cipher: { Name: "nacl/secretbox", Nonce.Length: NonceLength } }
                    && int.IsPow2(file.Kdf.Params.N))
                {
                    return file;
                }
            }
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            throw new CryptographicException("not a cosign private key", e);
        }

        throw new CryptographicException($"not a cosign private key ('{Label}', scrypt, nacl/secretbox)");
    }

    private static byte[] Seal(byte[] plain, byte[] secret, byte[] nonce)
    {
        var (cipher, mac) = Box(secret, nonce);
        var box = new byte[TagLength + plain.Length];
        cipher.ProcessBytes(plain, 0, plain.Length, box, TagLength);
        mac.BlockUpdate(box, TagLength, plain.Length);
        mac.DoFinal(box, 0);
        return box;
    }

    private static byte[]? Open(byte[] box, byte[] secret, byte[] nonce)
    {
        if (box.Length < TagLength)
        {
            return null;
        }

        var (cipher, mac) = Box(secret, nonce);
        var tag = new byte[TagLength];
        mac.BlockUpdate(box, TagLength, box.Length - TagLength);
        mac.DoFinal(tag, 0);
        if (!CryptographicOperations.FixedTimeEquals(tag, box.AsSpan(0, TagLength)))
        {
            return null;
        }

        var plain = new byte[box.Length - TagLength];
        cipher.ProcessBytes(box, TagLength, plain.Length, plain, 0);
        return plain;
    }

    /// <summary>XSalsa20 past its first 32 bytes, which key Poly1305.</summary>
    private static (XSalsa20Engine Cipher, Poly1305 Mac) Box(byte[] secret, byte[] nonce)
    {
        var cipher = new XSalsa20Engine();
        cipher.Init(true, new ParametersWithIV(new KeyParameter(secret), nonce));
        var macKey = new byte[KeyLength];
        cipher.ProcessBytes(macKey, 0, macKey.Length, macKey, 0);
        var mac = new Poly1305();
        mac.Init(new KeyParameter(macKey));
        return (cipher, mac);
    }
}

internal sealed record CosignKeyFile(CosignKdf Kdf, CosignCipher Cipher, byte[] Ciphertext);

internal sealed record CosignKdf(string Name, CosignScrypt Params, byte[] Salt);

internal sealed record CosignScrypt([property: JsonPropertyName("N")] int N, int R, int P);

internal sealed record CosignCipher(string Name, byte[] Nonce);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNameCaseInsensitive = false, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(CosignKeyFile))]
internal sealed partial class CosignJson : JsonSerializerContext;
