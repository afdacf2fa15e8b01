namespace StellaOps.Telemetry.ProfileService.Trust;

/// <summary>Section <c>Stella:Trust</c>.</summary>
internal sealed class TrustOptions
{
    public const string Section = "Stella:Trust";

    /// <summary>The trust file: whose keys may sign profiles, approvals and deployments. The same one that receivers have.</summary>
    public string? File { get; set; }
}
