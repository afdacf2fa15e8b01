namespace StellaOps.Telemetry.Contracts.Trust;

/// <summary>
/// The local trust file (<see cref="KnownEnvironment.TrustFile"/>): which public key may sign what. It is delivered by hand or by AppHost,
/// never by the services it judges.
/// </summary>
/// <param name="Profiles">What deployed profiles have to fulfil here; null for the built-in rules alone.</param>
/// <param name="TimestampAuthorities">Whose RFC 3161 times are believed; null for none.</param>
/// <param name="CertificateAuthorities">Whose certificates say who signed; null for none.</param>
/// <param name="Identities">Who, of those that the certificate authorities name, may sign what; null for nobody.</param>
public sealed record TrustDocument(
    string Schema,
    IReadOnlyList<TrustedKey> Keys,
    ProfileTrust? Profiles = null,
    IReadOnlyList<TrustedAuthority>? TimestampAuthorities = null,
    IReadOnlyList<TrustedAuthority>? CertificateAuthorities = null,
    IReadOnlyList<TrustedIdentity>? Identities = null)
{
    /// <summary>The schema of this form.</summary>
    public const string SchemaId = "https://stella-ops.org/telemetry/trust/v1";
}

/// <summary>One trusted key.</summary>
/// <param name="KeyId">Lower-case hex of the SHA-256 of the SubjectPublicKeyInfo (DER).</param>
/// <param name="PublicKeyPem">P-256 public key, PEM.</param>
/// <param name="Uses">What it may sign: values of <see cref="KnownKeyUses"/>.</param>
/// <param name="Person">Whose key it is; needed for the uses of <see cref="KnownKeyUses.OfPeople"/>. Two keys of one person are one person, in upper or lower case.</param>
/// <param name="ValidFrom">What it signed before does not count; null for no such time. Judged by trusted time, without one by now.</param>
/// <param name="ValidUntil">What it signed after does not count; null for no such time. The instant itself is good.</param>
public sealed record TrustedKey(
    string Name, string KeyId, string PublicKeyPem, IReadOnlyList<string> Uses, string? Person = null, DateTimeOffset? ValidFrom = null, DateTimeOffset? ValidUntil = null);
