using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using Org.BouncyCastle.Asn1;
using Org.BouncyCastle.Cms;
using Org.BouncyCastle.Utilities.Collections;

namespace StellaOps.Telemetry.Evidence.Time;

/// <summary>
/// TimeStampResp (https://www.rfc-editor.org/rfc/rfc3161#section-2.4.2), its one plain form:
/// <c>SEQUENCE { SEQUENCE { INTEGER 0 } ContentInfo }</c> in DER. Of a CMS token, only part is signed; everything else is held to the one value
/// that follows from the signed part, so that no byte of it can be changed unseen.
/// </summary>
public static class TimestampResponse
{
    /// <summary>The longest response that is read.</summary>
    public const int MaxBytes = 64 * 1024;

    private const string SignedDataType = "1.2.840.113549.1.7.2";
    private const string TimestampInfoType = "1.2.840.113549.1.9.16.1.4";

    // What the signed attributes' digest and the signature may be, and the digest that the signature implies; plain ECDSA and RSA imply none.
    private static readonly Dictionary<string, string?> s_signatures = new()
    {
        ["1.2.840.10045.2.1"] = null,
        ["1.2.840.10045.4.3.2"] = "2.16.840.1.101.3.4.2.1",
        ["1.2.840.10045.4.3.3"] = "2.16.840.1.101.3.4.2.2",
        ["1.2.840.10045.4.3.4"] = "2.16.840.1.101.3.4.2.3",
        ["1.2.840.113549.1.1.1"] = null,
        ["1.2.840.113549.1.1.11"] = "2.16.840.1.101.3.4.2.1",
        ["1.2.840.113549.1.1.12"] = "2.16.840.1.101.3.4.2.2",
        ["1.2.840.113549.1.1.13"] = "2.16.840.1.101.3.4.2.3",
    };

    /// <summary>Rewrites an authority's answer, which may come in BER and with texts beside its status. What is signed stays as it is.</summary>
    /// <exception cref="TimestampException">It is none.</exception>
    public static byte[] ToPlainForm(ReadOnlyMemory<byte> response)
    {
        try
        {
            // The token again in DER: signers hash the DER form of what they sign, whatever form travels.
            if (response.IsEmpty)
            {
                throw new TimestampException("the timestamp response is empty");
            }

            var outer = Asn1Sequence.GetInstance(Asn1Object.FromByteArray(response.ToArray()));
            if (DerInteger.GetInstance(Asn1Sequence.GetInstance(outer[0])[0]).IntValueExact is not (0 or 1))
            {
                throw new TimestampException("the timestamp authority granted no time");
            }

            var token = WithOwnCertificateAlone(outer[1].ToAsn1Object().GetDerEncoded());
            var writer = new AsnWriter(AsnEncodingRules.DER);
            using (writer.PushSequence())
            {
                using (writer.PushSequence())
                {
                    writer.WriteInteger(0);
                }

                writer.WriteEncodedValue(token);
            }

            return writer.Encode();
        }
        catch (Exception e) when (e is not TimestampException and (IOException or ArgumentException or InvalidOperationException or AsnContentException or IndexOutOfRangeException or ArithmeticException or CmsException))
        {
            throw new TimestampException($"not a timestamp response: {e.Message}", e);
        }
    }

    /// <summary>
    /// The token with no certificate but its signer's, or none: nobody signed them, and the rest of the chain is the verifier's to have. cosign 2.5
    /// takes the first for the authority's, and DER orders a set by its bytes.
    /// </summary>
    private static byte[] WithOwnCertificateAlone(byte[] token)
    {
        var signed = new CmsSignedData(token);
        var certificates = signed.GetCertificates();
        var own = signed.GetSignerInfos().SelectMany(s => certificates.EnumerateMatches(s.SignerID)).ToList();
        return CmsSignedData.ReplaceCertificatesAndCrls(signed, CollectionUtilities.CreateStore(own), signed.GetCrls()).GetEncoded(Asn1Encodable.Der);
    }

    /// <summary>Whether it is in the plain form already.</summary>
    public static bool IsPlain(ReadOnlyMemory<byte> response) => TryRead(response, out _, out _);

    /// <summary>Reads a response in the plain form without judging its signature.</summary>
    internal static bool TryRead(ReadOnlyMemory<byte> response, [NotNullWhen(true)] out Rfc3161TimestampToken? token, out string error)
    {
        token = null;
        error = "not a timestamp response in DER that was granted, with nothing before, beside or after it";
        if (response.Length > MaxBytes)
        {
            error = $"a timestamp response has at most {MaxBytes} bytes";
            return false;
        }

        try
        {
            var reader = new AsnReader(response, AsnEncodingRules.DER);
            var outer = reader.ReadSequence();
            reader.ThrowIfNotEmpty();
            var status = outer.ReadSequence();
            if (!status.TryReadInt32(out var value) || value != 0)
            {
                return false;
            }

            status.ThrowIfNotEmpty();
            var content = outer.ReadEncodedValue();
            outer.ThrowIfNotEmpty();
            if (!IsPlainToken(content))
            {
                error = "the timestamp token holds what nobody signed";
                return false;
            }

            error = "the timestamp token cannot be read, or its certificate was not good at its time";
            return Rfc3161TimestampToken.TryDecode(content, out token, out var read) && read == content.Length;
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException)
        {
            return false;
        }
    }

    /// <summary>
    /// ContentInfo { signedData, [0] SignedData { version 3, SET { digest }, { tSTInfo, [0] OCTET STRING }, [0] certificates?, SET { SignerInfo } } },
    /// SignerInfo { version 1 or 3, sid, digest, [0] signedAttrs, signature algorithm, OCTET STRING } and no revocation list or unsigned attribute.
    /// Certificates are judged with the chain: <see cref="TimestampVerifier"/>.
    /// </summary>
    private static bool IsPlainToken(ReadOnlyMemory<byte> contentInfo)
    {
        var reader = new AsnReader(contentInfo, AsnEncodingRules.DER).ReadSequence();
        if (reader.ReadObjectIdentifier() != SignedDataType)
        {
            return false;
        }

        var explicitly = reader.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0));
        reader.ThrowIfNotEmpty();
        var signed = explicitly.ReadSequence();
        explicitly.ThrowIfNotEmpty();
        if (!signed.TryReadInt32(out var version) || version != 3)
        {
            return false;
        }

        var digests = signed.ReadSetOf();
        var digest = ReadAlgorithm(digests);
        digests.ThrowIfNotEmpty();
        var encapsulated = signed.ReadSequence();
        if (encapsulated.ReadObjectIdentifier() != TimestampInfoType)
        {
            return false;
        }

        var info = encapsulated.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0));
        encapsulated.ThrowIfNotEmpty();
        _ = info.ReadOctetString();
        info.ThrowIfNotEmpty();
        if (signed.PeekTag().HasSameClassAndValue(new Asn1Tag(TagClass.ContextSpecific, 0)))
        {
            var certificates = signed.ReadSetOf(new Asn1Tag(TagClass.ContextSpecific, 0));
            while (certificates.HasData)
            {
                // A choice of forms; only plain certificates are taken.
                _ = certificates.ReadSequence();
            }
        }

        var signers = signed.ReadSetOf();
        signed.ThrowIfNotEmpty();
        var signer = signers.ReadSequence();
        signers.ThrowIfNotEmpty();
        return IsPlainSigner(signer, digest);
    }

    private static bool IsPlainSigner(AsnReader signer, string digest)
    {
        // By issuer and number in version 1, by the key's id in version 3.
        if (!signer.TryReadInt32(out var version)
            || signer.PeekTag() != (version switch { 1 => Asn1Tag.Sequence, 3 => new Asn1Tag(TagClass.ContextSpecific, 0), _ => Asn1Tag.Null }))
        {
            return false;
        }

        _ = signer.ReadEncodedValue();
        if (ReadAlgorithm(signer) != digest || signer.PeekTag() != new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true))
        {
            return false;
        }

        _ = signer.ReadEncodedValue();
        if (!s_signatures.TryGetValue(ReadAlgorithm(signer), out var implied) || (implied is not null && implied != digest))
        {
            return false;
        }

        _ = signer.ReadOctetString();
        signer.ThrowIfNotEmpty();
        return true;
    }

    /// <summary>An algorithm whose parameters are absent or NULL; otherwise an id that nothing equals.</summary>
    private static string ReadAlgorithm(AsnReader reader)
    {
        var algorithm = reader.ReadSequence();
        var id = algorithm.ReadObjectIdentifier();
        if (algorithm.HasData)
        {
            algorithm.ReadNull();
        }

        algorithm.ThrowIfNotEmpty();
        return id;
    }
}
