using System.Security.Cryptography;
using System.Text;

namespace StellaOps.Telemetry.IncidentService.Hooks.Orchestrator;

/// <summary>HMAC-SHA256 over <c>ID.TIMESTAMP.BODY</c>.</summary>
internal static class WebhookSignature
{
    private const string Scheme = "v1,";
    private const int MaxSignatures = 8;

    /// <summary>Whether one of the signatures was made with one of the secrets. Takes as long whichever byte differs.</summary>
    public static bool IsGood(WebhookHeaders headers, ReadOnlySpan<byte> body, IReadOnlyList<byte[]> secrets)
    {
        var isGood = false;
        var given = Given(headers.Signature);
        foreach (var secret in secrets)
        {
            var expected = Sign(secret, headers.Id, headers.Timestamp, body);
            foreach (var signature in given)
            {
                isGood |= CryptographicOperations.FixedTimeEquals(expected, signature);
            }
        }

        return isGood;
    }

    public static byte[] Sign(byte[] secret, string id, string timestamp, ReadOnlySpan<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
        hmac.AppendData(Encoding.UTF8.GetBytes($"{id}.{timestamp}."));
        hmac.AppendData(body);
        return hmac.GetHashAndReset();
    }

    /// <summary>Those of our scheme; others, such as <c>v1a</c> of a public key, are passed over.</summary>
    private static List<byte[]> Given(string header)
    {
        var given = new List<byte[]>();
        foreach (var part in header.Split(' ', MaxSignatures + 1, StringSplitOptions.RemoveEmptyEntries).Take(MaxSignatures))
        {
            var signature = new byte[HMACSHA256.HashSizeInBytes];
            if (part.StartsWith(Scheme, StringComparison.Ordinal) && Convert.TryFromBase64Chars(part.AsSpan(Scheme.Length), signature, out var length) && length == signature.Length)
            {
                given.Add(signature);
            }
        }

        return given;
    }
}
