using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using StellaOps.Telemetry.Evidence.Identity;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.Evidence.Time;

/// <summary>What a timestamp proves.</summary>
/// <param name="Time">When the signature was there; null with an error.</param>
public sealed record TimestampVerdict(DateTimeOffset? Time, string? Authority, string? Error);

/// <summary>
/// Judges RFC 3161 timestamps of signatures: form, imprint over the raw signature, the token's own signature, the authority's chain at the time
/// that it tells, its pinned leaf, and when it is trusted.
/// </summary>
public static class TimestampVerifier
{
    private const string TimeStamping = "1.3.6.1.5.5.7.3.8";

    /// <summary>Verifies one.</summary>
    /// <param name="response">A TimeStampResp in its plain form.</param>
    /// <param name="signature">Raw.</param>
    /// <param name="authorities">One of them must have said it.</param>
    public static TimestampVerdict Verify(ReadOnlyMemory<byte> response, ReadOnlySpan<byte> signature, IReadOnlyList<AuthorityChain> authorities)
    {
        if (!TimestampResponse.TryRead(response, out var token, out var error))
        {
            return Refused(error);
        }

        var first = "no timestamp authority is trusted";
        foreach (var authority in authorities)
        {
            var verdict = Verify(token, signature, authority);
            if (verdict.Error is null)
            {
                return verdict;
            }

            // The first authority's reason stands for all, unless a later one gets further than not to know the signer.
            first = authority == authorities[0] ? verdict.Error : first;
        }

        return Refused(first);
    }

    private static TimestampVerdict Verify(Rfc3161TimestampToken token, ReadOnlySpan<byte> signature, AuthorityChain authority)
    {
        try
        {
            return token.VerifySignatureForData(signature, out var signer, authority.All)
                ? JudgeSigner(token, signer, authority)
                : Refused($"it is not a timestamp of this signature by a certificate of '{authority.Name}' that was good then");
        }
        catch (CryptographicException e)
        {
            return Refused($"it cannot be judged: {e.Message}");
        }
    }

    private static TimestampVerdict JudgeSigner(Rfc3161TimestampToken token, X509Certificate2 signer, AuthorityChain authority)
    {
        // Not ours to dispose of: it may be the token's own, or the authority's.
        var time = token.TokenInfo.Timestamp;
        if (authority.Leaf is { } leaf && !leaf.RawDataMemory.Span.SequenceEqual(signer.RawDataMemory.Span))
        {
            return Refused($"it is not by the one certificate of '{authority.Name}'");
        }

        if (!authority.Issued(signer, TimeStamping, time, out var chain, out var error))
        {
            return Refused($"its certificate is not good at {ValidityPeriod.Text(time)} for '{authority.Name}': {error}");
        }

        // What else stands in the token would be bytes that nobody vouches for.
        foreach (var embedded in token.AsSignedCms().Certificates)
        {
            using (embedded)
            {
                if (!chain.Any(c => embedded.RawDataMemory.Span.SequenceEqual(c)))
                {
                    return Refused("the token holds a certificate that is not of its chain");
                }
            }
        }

        return authority.Validity.Contains(time)
            ? new TimestampVerdict(time, authority.Name, null)
            : Refused($"'{authority.Name}' is trusted {authority.Validity}, not at {ValidityPeriod.Text(time)}");
    }

    private static TimestampVerdict Refused(string error) => new(null, null, error);
}
