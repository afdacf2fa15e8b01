namespace StellaOps.Telemetry.SiteProfile;

/// <summary>Section <c>Stella:Profile</c>: the site's own profile, of which a service follows what concerns it.</summary>
public sealed class SiteProfileOptions
{
    /// <summary>The section's key.</summary>
    public const string Section = "Stella:Profile";

    /// <summary>The profile's document; null or empty: there is none.</summary>
    public string? Path { get; set; }

    /// <summary>The environment whose overlay lies over it; null or empty: none.</summary>
    public string? Overlay { get; set; }
}
