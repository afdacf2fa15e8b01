using StellaOps.Telemetry.Evidence.Identity;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.Evidence.Sigstore;

/// <summary>Who may have signed, and whose word on it counts.</summary>
public sealed record SignerTrust
{
    /// <summary>Keys, each with the times that count.</summary>
    public IReadOnlyList<TrustedSigner> Keys { get; init; } = [];

    /// <summary>Who may sign by certificate.</summary>
    public IReadOnlyList<CertificateIdentity> Identities { get; init; } = [];

    /// <summary>Whose certificates are believed.</summary>
    public IReadOnlyList<AuthorityChain> CertificateAuthorities { get; init; } = [];

    /// <summary>Whose times are believed. Without any, timestamps are not judged.</summary>
    public IReadOnlyList<AuthorityChain> TimestampAuthorities { get; init; } = [];

    /// <summary>These keys, whenever they signed.</summary>
    public static SignerTrust Of(IEnumerable<VerificationKey> keys) => new() { Keys = [.. keys.Select(k => new TrustedSigner(k))] };
}
