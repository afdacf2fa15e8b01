using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using StellaOps.Telemetry.Evidence.Identity;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Evidence.Time;

namespace StellaOps.Telemetry.Evidence.Sigstore;

/// <summary>
/// Says whose signature a bundle bears, and whether it counts. With trusted times, the signer must count at each of them; without any, now: a
/// signature that nobody saw in time may have been made yesterday with a key that was stolen long ago. A timestamp that is not good is never
/// passed over.
/// </summary>
public sealed class SignatureJudge(SignerTrust trust, TimeProvider time)
{
    /// <summary>Judges the signature of the bundle's DSSE envelope.</summary>
    public SignatureVerdict JudgeStatement(SigstoreBundle bundle) => Judge(bundle, bundle.IsStatementSignedByKeyOf);

    /// <summary>Judges the signature of the file with this digest.</summary>
    public SignatureVerdict JudgeMessage(SigstoreBundle bundle, ReadOnlyMemory<byte> sha256) => Judge(bundle, key => bundle.IsMessageSignedByKeyOf(sha256.Span, key));

    private SignatureVerdict Judge(SigstoreBundle bundle, Func<VerificationKey, bool> isSignedBy)
    {
        var times = JudgeTimes(bundle, out var timeDetail, out var isTimeGood);
        return bundle.Certificate is { } certificate
            ? JudgeCertificate(certificate, isSignedBy, times, timeDetail, isTimeGood)
            : JudgeKey(bundle, isSignedBy, times, timeDetail, isTimeGood);
    }

    private SignatureVerdict JudgeKey(SigstoreBundle bundle, Func<VerificationKey, bool> isSignedBy, List<DateTimeOffset> times, string timeDetail, bool isTimeGood)
    {
        SignatureVerdict Without(SignatureState state, string why) => new(state, why, null, null, timeDetail, isTimeGood, "nobody's", false);

        if (trust.Keys.FirstOrDefault(k => isSignedBy(k.Key)) is not { } signer)
        {
            return bundle.KeyId is { } claimed && !trust.Keys.Any(k => k.Key.KeyId == claimed)
                ? Without(SignatureState.Unknown, trust.Keys.Count == 0 ? "no key was given to verify with" : $"none of the given keys signed it; it claims to be by key {claimed}")
                : Without(SignatureState.Bad, "none of the given keys signed it");
        }

        // The text, not what it decodes to: base64 has unused bits.
        if (bundle.KeyHint is { } hint && hint != SigstoreBundle.HintOf(signer.Key))
        {
            return Without(SignatureState.Bad, $"it is signed by {signer}, but claims to be by another");
        }

        var instants = times.Count > 0 ? times : [time.GetUtcNow()];
        var isInPeriod = instants.TrueForAll(signer.Validity.Contains);
        return new SignatureVerdict(
            SignatureState.Trusted,
            $"signed by {signer}",
            signer.Key,
            times.Count > 0 ? times.Min() : null,
            timeDetail,
            isTimeGood,
            isInPeriod
                ? $"{signer} counts {signer.Validity}"
                : $"{signer} counts {signer.Validity}, and {(times.Count > 0 ? $"it signed at {ValidityPeriod.Text(times.Find(t => !signer.Validity.Contains(t)))}" : $"without a trusted time it is judged by now, {ValidityPeriod.Text(instants[0])}")}",
            isInPeriod);
    }

    private SignatureVerdict JudgeCertificate(ReadOnlyMemory<byte> der, Func<VerificationKey, bool> isSignedBy, List<DateTimeOffset> times, string timeDetail, bool isTimeGood)
    {
        SignatureVerdict Without(SignatureState state, string why) => new(state, why, null, null, timeDetail, isTimeGood, "nobody's", false);

        X509Certificate2 certificate;
        try
        {
            certificate = X509CertificateLoader.LoadCertificate(der.Span);
        }
        catch (CryptographicException e)
        {
            return Without(SignatureState.Bad, $"its certificate cannot be read: {e.Message}");
        }

        using (certificate)
        {
            if (!certificate.RawDataMemory.Span.SequenceEqual(der.Span))
            {
                return Without(SignatureState.Bad, "its certificate is not one certificate in DER");
            }

            if (!CertificateIdentity.TryRead(certificate, out var identity, out var key, out var error))
            {
                return Without(SignatureState.Bad, $"its certificate names no signer: {error}");
            }

            if (!isSignedBy(key))
            {
                return Without(SignatureState.Bad, "the certificate's key did not sign it");
            }

            if (!trust.Identities.Contains(identity))
            {
                return Without(SignatureState.Unknown, $"it claims to be signed by {identity}, who was not named");
            }

            if (times.Count == 0)
            {
                return Without(SignatureState.Bad, $"a certificate's signature needs a trusted time: {timeDetail}");
            }

            return CertificateIdentity.IsIssued(certificate, trust.CertificateAuthorities, times, out var authority, out error)
                ? new SignatureVerdict(SignatureState.Trusted, $"signed by {identity}, says '{authority}'", key, times.Min(), timeDetail, isTimeGood, "the certificate was good when it signed", true)
                : Without(SignatureState.Bad, $"its certificate: {error}");
        }
    }

    private List<DateTimeOffset> JudgeTimes(SigstoreBundle bundle, out string detail, out bool isGood)
    {
        var times = new List<DateTimeOffset>();
        isGood = true;
        if (bundle.Timestamps.Count == 0 || trust.TimestampAuthorities.Count == 0)
        {
            detail = bundle.Timestamps.Count == 0 ? "it bears no trusted time" : $"{bundle.Timestamps.Count} timestamp(s) not judged: no timestamp authority is trusted";
            return times;
        }

        if (bundle.Timestamps.Select(t => Convert.ToHexString(t.Span)).Distinct().Count() < bundle.Timestamps.Count)
        {
            (detail, isGood) = ("a timestamp stands there twice", false);
            return times;
        }

        var authorities = new List<string>();
        foreach (var timestamp in bundle.Timestamps)
        {
            var verdict = JudgeTime(timestamp, bundle.Signature.Span);
            if (verdict.Time is not { } found)
            {
                isGood = false;
                detail = $"a timestamp is not good: {verdict.Error}";
                return [];
            }

            times.Add(found);
            authorities.Add($"{ValidityPeriod.Text(found)}, says '{verdict.Authority}'");
        }

        detail = string.Join("; ", authorities);
        return times;
    }

    /// <summary>Other people's bundles have responses as authorities send them; what is signed in them is the same in the plain form.</summary>
    private TimestampVerdict JudgeTime(ReadOnlyMemory<byte> response, ReadOnlySpan<byte> signature)
    {
        try
        {
            return response.Length > TimestampResponse.MaxBytes
                ? new TimestampVerdict(null, null, $"a timestamp response has at most {TimestampResponse.MaxBytes} bytes")
                : TimestampVerifier.Verify(TimestampResponse.IsPlain(response) ? response : TimestampResponse.ToPlainForm(response), signature, trust.TimestampAuthorities);
        }
        catch (TimestampException e)
        {
            return new TimestampVerdict(null, null, e.Message);
        }
    }
}
