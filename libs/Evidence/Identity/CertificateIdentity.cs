using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.Evidence.Identity;

/// <summary>
/// Who a certificate says signed: its one subject alternative name and the issuer that vouched for it
/// (https://github.com/sigstore/fulcio/blob/v1.6.6/docs/oid-info.md).
/// </summary>
/// <param name="Name">A URI or a mail address.</param>
public sealed record CertificateIdentity(string Name, string Issuer)
{
    private const string IssuerExtension = "1.3.6.1.4.1.57264.1.8";
    private const string CodeSigning = "1.3.6.1.5.5.7.3.3";

    /// <summary>For people.</summary>
    public override string ToString() => $"'{Name}' ({Issuer})";

    /// <summary>Reads a certificate without judging who issued it.</summary>
    /// <param name="key">The P-256 key it binds.</param>
    public static bool TryRead(X509Certificate2 certificate, [NotNullWhen(true)] out CertificateIdentity? identity, [NotNullWhen(true)] out VerificationKey? key, out string error)
    {
        (identity, key) = (null, null);
        try
        {
            if (certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(e => e.CertificateAuthority))
            {
                error = "it is an authority's certificate, not a signer's";
                return false;
            }

            if (certificate.Extensions.OfType<X509KeyUsageExtension>().Any(e => !e.KeyUsages.HasFlag(X509KeyUsageFlags.DigitalSignature)))
            {
                error = "its key is not for signatures";
                return false;
            }

            if (NameOf(certificate) is not { } name)
            {
                error = "it has not exactly one subject alternative name that is a URI or a mail address";
                return false;
            }

            if (certificate.Extensions[IssuerExtension] is not { } issuer)
            {
                error = $"it lacks the extension {IssuerExtension}, the identity's issuer";
                return false;
            }

            identity = new CertificateIdentity(name, AsnDecoder.ReadCharacterString(issuer.RawData, AsnEncodingRules.DER, UniversalTagNumber.UTF8String, out _));
            key = VerificationKey.FromSubjectPublicKeyInfo(certificate.PublicKey.ExportSubjectPublicKeyInfo());
            error = "";
            return true;
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException)
        {
            error = e.Message;
            return false;
        }
    }

    /// <summary>Whether one of the authorities issued it for signing, good at all these times.</summary>
    internal static bool IsIssued(X509Certificate2 certificate, IReadOnlyList<AuthorityChain> authorities, IReadOnlyList<DateTimeOffset> times, out string authority, out string error)
    {
        (authority, error) = ("", "no certificate authority is trusted");
        foreach (var candidate in authorities)
        {
            error = "";
            foreach (var time in times)
            {
                if (!candidate.Validity.Contains(time))
                {
                    error = $"'{candidate.Name}' is trusted {candidate.Validity}, not at {ValidityPeriod.Text(time)}";
                }
                else if (!candidate.Issued(certificate, CodeSigning, time, out _, out var why))
                {
                    error = $"it is not good at {ValidityPeriod.Text(time)} for '{candidate.Name}': {why}";
                }
            }

            if (error.Length == 0)
            {
                authority = candidate.Name;
                return true;
            }
        }

        return false;
    }

    private static string? NameOf(X509Certificate2 certificate)
    {
        // GeneralNames ::= SEQUENCE OF GeneralName; [1] rfc822Name and [6] uniformResourceIdentifier are IA5Strings (RFC 5280, 4.2.1.6).
        if (certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().ToList() is not [var extension])
        {
            return null;
        }

        var names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
        var tag = names.PeekTag();
        if (tag.TagClass != TagClass.ContextSpecific || tag.TagValue is not (1 or 6))
        {
            return null;
        }

        var name = names.ReadCharacterString(UniversalTagNumber.IA5String, tag);
        return names.HasData ? null : name;
    }
}
