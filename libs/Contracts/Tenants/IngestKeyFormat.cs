using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace StellaOps.Telemetry.Contracts.Tenants;

/// <summary>
/// A sender's long-lived credential: <c>stik_&lt;12 hex: key id&gt;_&lt;64 hex: 32 random bytes&gt;</c>.
/// Its secret has 256 bits of entropy, so a plain SHA-256 of the whole text is a safe thing to store.
/// </summary>
public static class IngestKeyFormat
{
    /// <summary>What every ingest key begins with, so that secret scanners can find a leaked one.</summary>
    public const string Prefix = "stik_";

    private const int KeyIdLength = 12;
    private const int SecretLength = 64;
    private static readonly SearchValues<char> s_hex = SearchValues.Create("0123456789abcdef");

    /// <summary>Makes a new key.</summary>
    public static (string KeyId, string Secret) Create()
    {
        var keyId = RandomNumberGenerator.GetHexString(KeyIdLength, lowercase: true);
        return (keyId, $"{Prefix}{keyId}_{RandomNumberGenerator.GetHexString(SecretLength, lowercase: true)}");
    }

    /// <summary>Reads the key id out of a presented key; false when the text has not the form of one.</summary>
    public static bool TryGetKeyId(ReadOnlySpan<char> secret, [NotNullWhen(true)] out string? keyId)
    {
        keyId = null;
        if (secret.Length != Prefix.Length + KeyIdLength + 1 + SecretLength
            || !secret.StartsWith(Prefix, StringComparison.Ordinal)
            || secret[Prefix.Length + KeyIdLength] != '_'
            || secret.Slice(Prefix.Length, KeyIdLength).ContainsAnyExcept(s_hex)
            || secret[^SecretLength..].ContainsAnyExcept(s_hex))
        {
            return false;
        }

        keyId = secret.Slice(Prefix.Length, KeyIdLength).ToString();
        return true;
    }

    /// <summary>What is stored: lower-case hex of the SHA-256 of the whole key.</summary>
    public static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
