namespace StellaOps.Telemetry.ServiceDefaults.Identity;

/// <summary>Section <c>Stella:Identity</c>.</summary>
public sealed class IdentityOptions
{
    public const string Section = "Stella:Identity";

    /// <summary>The service's own private key, which signs its messages: P-256, PKCS#8 PEM.</summary>
    public string? KeyFile { get; set; }
}
