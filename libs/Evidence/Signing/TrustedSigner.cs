namespace StellaOps.Telemetry.Evidence.Signing;

/// <summary>A key that may sign, and when.</summary>
/// <param name="Name">As the trust file calls it; null for a key that somebody named by its file.</param>
public sealed record TrustedSigner(VerificationKey Key, string? Name = null, ValidityPeriod Validity = default)
{
    /// <summary>For people.</summary>
    public override string ToString() => Name is null ? $"key {Key.KeyId}" : $"key {Key.KeyId} '{Name}'";
}
