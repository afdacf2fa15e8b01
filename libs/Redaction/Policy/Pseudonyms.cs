using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace StellaOps.Telemetry.Redaction;

/// <summary>
/// Makes pseudonyms <c>[hmac:...]</c> keyed by secret and tenant: 24 letters of the HMAC of the value and 8 letters that prove that we made it.
/// Letters only, so that no rule for numbers can match one; the proof keeps a sender from passing a value off as a pseudonym.
/// </summary>
internal sealed class Pseudonyms(ReadOnlyMemory<byte> secret)
{
    public const int Length = 39;

    // Tenants are registered, so this bounds memory only against misuse.
    private const int MaxTenants = 10_000;
    private const int ValueBytes = 12;
    private const int ProofBytes = 4;

    private readonly ConcurrentDictionary<string, TenantKeys> _tenants = new(StringComparer.Ordinal);

    public TenantKeys KeysOf(string tenant)
    {
        if (_tenants.TryGetValue(tenant, out var keys))
        {
            return keys;
        }

        keys = new TenantKeys(Derive("value", tenant), Derive("proof", tenant));
        if (_tenants.Count < MaxTenants)
        {
            _tenants.TryAdd(tenant, keys);
        }

        return keys;
    }

    /// <summary>Writes the pseudonym of a value.</summary>
    public static void Write(TenantKeys keys, ReadOnlySpan<byte> value, Span<byte> destination)
    {
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(keys.Value, value, mac);
        "[hmac:"u8.CopyTo(destination);
        Letters(mac[..ValueBytes], destination[6..]);
        Span<byte> proof = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(keys.Proof, destination.Slice(6, ValueBytes * 2), proof);
        Letters(proof[..ProofBytes], destination[(6 + (ValueBytes * 2))..]);
        destination[Length - 1] = (byte)']';
    }

    /// <summary>Whether this is a pseudonym that these keys made.</summary>
    public static bool IsOwn(TenantKeys keys, ReadOnlySpan<byte> text)
    {
        if (text.Length != Length || !text.StartsWith("[hmac:"u8) || text[^1] != ']')
        {
            return false;
        }

        Span<byte> proof = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(keys.Proof, text.Slice(6, ValueBytes * 2), proof);
        Span<byte> letters = stackalloc byte[ProofBytes * 2];
        Letters(proof[..ProofBytes], letters);
        return letters.SequenceEqual(text.Slice(6 + (ValueBytes * 2), ProofBytes * 2));
    }

    /// <summary>Writes each half byte as one of the letters a to p.</summary>
    public static void Letters(ReadOnlySpan<byte> bytes, Span<byte> destination)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            destination[2 * i] = (byte)('a' + (bytes[i] >> 4));
            destination[(2 * i) + 1] = (byte)('a' + (bytes[i] & 15));
        }
    }

    private byte[] Derive(string purpose, string tenant) =>
        HMACSHA256.HashData(secret.Span, Encoding.UTF8.GetBytes("stella-redaction/v1/" + purpose + "/" + tenant));

    internal sealed record TenantKeys(byte[] Value, byte[] Proof);
}
