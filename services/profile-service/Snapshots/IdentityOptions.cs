namespace StellaOps.Telemetry.ProfileService.Snapshots;

/// <summary>Section <c>Stella:Identity</c>.</summary>
internal sealed class IdentityOptions
{
    public const string Section = "Stella:Identity";

    /// <summary>This service's own private key: signs snapshots.</summary>
    public string? KeyFile { get; set; }
}
