namespace StellaOps.Telemetry.Redaction;

/// <summary>Secrets that a policy needs and does not hold.</summary>
/// <param name="HmacKey">Key of the pseudonyms, at least 32 bytes; empty when there is none.</param>
public readonly record struct RedactionSecrets(ReadOnlyMemory<byte> HmacKey)
{
    /// <summary>Shortest key that is accepted.</summary>
    public const int MinimumHmacKeyBytes = 32;

    /// <summary>Never shows the key.</summary>
    public override string ToString() => HmacKey.IsEmpty ? "no secrets" : "HMAC key";
}
