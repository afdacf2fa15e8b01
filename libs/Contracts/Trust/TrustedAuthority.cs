namespace StellaOps.Telemetry.Contracts.Trust;

/// <summary>A timestamp authority, or one that issues certificates to people and services.</summary>
/// <param name="CertificatesPem">
/// Its chain: certificates in PEM from the leaf, or an intermediate, up to the self-signed root. A timestamp authority's leaf is pinned: only
/// what bears its signature counts. Without a leaf, any that the chain issued for that purpose does.
/// </param>
/// <param name="ValidFrom">What it says of times before does not count; null for no such time.</param>
/// <param name="ValidUntil">What it says of times after does not count; null for no such time. The instant itself is good.</param>
public sealed record TrustedAuthority(string Name, string CertificatesPem, DateTimeOffset? ValidFrom = null, DateTimeOffset? ValidUntil = null);

/// <summary>Who signs by a certificate of a <see cref="TrustDocument.CertificateAuthorities"/>.</summary>
/// <param name="Identity">The certificate's subject alternative name, a URI or a mail address, to the letter.</param>
/// <param name="Issuer">Who vouched for it: the certificate's extension 1.3.6.1.4.1.57264.1.8.</param>
/// <param name="Uses">What it may sign: values of <see cref="KnownKeyUses"/>.</param>
public sealed record TrustedIdentity(string Name, string Identity, string Issuer, IReadOnlyList<string> Uses);
