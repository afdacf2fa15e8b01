using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using StellaOps.Telemetry.Evidence.Identity;

namespace StellaOps.Telemetry.Evidence.Time;

/// <summary>Gets RFC 3161 times for signatures, and believes none that a verifier would not.</summary>
/// <param name="authorities">Whose times count here; the one that is asked must be among them.</param>
public sealed class Timestamper(ITimestampClient client, IReadOnlyList<AuthorityChain> authorities)
{
    private const int NonceBytes = 16;

    /// <summary>A time for a signature.</summary>
    /// <param name="signature">Raw, as it stands in the bundle: DER of an ECDSA signature.</param>
    /// <returns>A TimeStampResp in its plain form, for <c>rfc3161Timestamps[].signedTimestamp</c>.</returns>
    /// <exception cref="TimestampException">No answer, or one that cannot be trusted.</exception>
    public async Task<byte[]> StampAsync(ReadOnlyMemory<byte> signature, CancellationToken cancellationToken)
    {
        // RFC 3161 wants a nonce that is no negative number.
        var nonce = RandomNumberGenerator.GetBytes(NonceBytes);
        nonce[0] = (byte)((nonce[0] & 0x7F) | 0x40);
        var request = Rfc3161TimestampRequest.CreateFromData(signature.Span, HashAlgorithmName.SHA256, nonce: nonce, requestSignerCertificates: true);
        var answer = await client.AskAsync(request.Encode(), cancellationToken).ConfigureAwait(false);
        if (answer.Length > TimestampResponse.MaxBytes)
        {
            throw new TimestampException($"the timestamp authority's answer has {answer.Length} bytes, {TimestampResponse.MaxBytes} are read");
        }

        try
        {
            request.ProcessResponse(answer, out _);
        }
        catch (CryptographicException e)
        {
            throw new TimestampException($"the timestamp authority's answer is none to the question: {e.Message}", e);
        }

        var plain = TimestampResponse.ToPlainForm(answer);
        var verdict = TimestampVerifier.Verify(plain, signature.Span, authorities);
        return verdict.Error is null ? plain : throw new TimestampException($"the timestamp authority's answer cannot be trusted: {verdict.Error}");
    }
}
