using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.IngestGateway.Identity;

/// <summary>What a certificate says of its holder.</summary>
internal enum CertificateIdentity
{
    /// <summary>It has no SPIFFE identity: a token has to tell who sends.</summary>
    Anonymous,

    /// <summary>It names one tenant.</summary>
    Tenant,

    /// <summary>It has a SPIFFE identity that is not exactly one of ours: nothing is read into it.</summary>
    Refused,
}

/// <summary>
/// Reads the tenant out of an X.509-SVID (https://github.com/spiffe/spiffe/blob/main/standards/X509-SVID.md): exactly one URI name,
/// <c>spiffe://TRUST-DOMAIN/tenant/TENANT</c> and whatever path segments follow. Every other shape is refused rather than mended.
/// </summary>
internal static class SpiffeTenant
{
    private const string SubjectAltName = "2.5.29.17";
    private const string Scheme = "spiffe:";

    /// <summary>Of the SPIFFE-ID standard, 2.3.</summary>
    private const int MaxLength = 2048;

    private static readonly Asn1Tag s_uri = new(TagClass.ContextSpecific, 6);

    /// <param name="trustDomain">Whose identities name tenants; null: nobody's.</param>
    public static CertificateIdentity Read(X509Certificate2 certificate, string? trustDomain, out TenantId tenant)
    {
        tenant = default;
        List<string> uris = [];
        try
        {
            foreach (var extension in certificate.Extensions)
            {
                if (extension.Oid?.Value == SubjectAltName)
                {
                    AddUris(extension.RawData, uris);
                }
            }
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException)
        {
            return CertificateIdentity.Refused;
        }

        if (!uris.Exists(IsSpiffe))
        {
            return CertificateIdentity.Anonymous;
        }

        return uris.Count == 1 && trustDomain is not null && TryTenant(uris[0], trustDomain, out tenant) ? CertificateIdentity.Tenant : CertificateIdentity.Refused;
    }

    /// <summary>Reads <c>spiffe://trust.domain/tenant/acme/collector/edge-1</c>.</summary>
    public static bool TryTenant(string id, string trustDomain, out TenantId tenant)
    {
        tenant = default;
        var prefix = $"spiffe://{trustDomain}/tenant/";
        if (id.Length > MaxLength || !id.StartsWith(prefix, StringComparison.Ordinal))
        {
            return false;
        }

        var segments = id[prefix.Length..].Split('/');
        return segments.All(IsSegment) && TenantId.TryParse(segments[0], out tenant);
    }

    /// <summary>In whatever case, and behind whatever blanks: a name that looks like one is judged as one.</summary>
    private static bool IsSpiffe(string uri) => uri.Trim().StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>Letters, digits, '.', '-' and '_', as the standard has it: no percent-encoding, no query, no dot segments.</summary>
    private static bool IsSegment(string segment) =>
        segment is not ("" or "." or "..") && segment.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    /// <summary><c>GeneralNames ::= SEQUENCE OF GeneralName</c>; <c>uniformResourceIdentifier [6] IA5String</c>.</summary>
    private static void AddUris(byte[] extension, List<string> uris)
    {
        var reader = new AsnReader(extension, AsnEncodingRules.DER);
        var names = reader.ReadSequence();
        reader.ThrowIfNotEmpty();
        while (names.HasData)
        {
            if (names.PeekTag().HasSameClassAndValue(s_uri))
            {
                uris.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, s_uri));
            }
            else
            {
                names.ReadEncodedValue();
            }
        }
    }
}
