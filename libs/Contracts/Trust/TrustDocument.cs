namespace StellaOps.Telemetry.Contracts.Trust;

/// <summary>
/// The local trust file (<see cref="KnownEnvironment.TrustFile"/>): which public key may sign what. It is delivered by hand or by AppHost,
/// never by the services it judges.
/// </summary>
public sealed record TrustDocument(string Schema, IReadOnlyList<TrustedKey> Keys)
{
    /// <summary>The schema of this form.</summary>
    public const string SchemaId = "https://stella-ops.org/telemetry/trust/v1";
}

/// <summary>One trusted key.</summary>
/// <param name="KeyId">Lower-case hex of the SHA-256 of the SubjectPublicKeyInfo (DER).</param>
/// <param name="PublicKeyPem">P-256 public key, PEM.</param>
/// <param name="Uses">What it may sign: values of <see cref="KnownKeyUses"/>.</param>
public sealed record TrustedKey(string Name, string KeyId, string PublicKeyPem, IReadOnlyList<string> Uses);

/// <summary>What a key may sign.</summary>
public static class KnownKeyUses
{
    public const string GatewaySnapshot = "gateway-snapshot";
    public const string Incident = "incident";
    public const string Promotion = "promotion";
    public const string PromotionAck = "promotion-ack";
    public const string Bundle = "bundle";
}
