namespace StellaOps.Telemetry.IncidentService.Notify.Sealing;

/// <summary>Section <c>Stella:Profile</c>: of the profile, this service follows what it says about sealed mode.</summary>
internal sealed class ProfileOptions
{
    public const string Section = "Stella:Profile";

    /// <summary>The profile's document; null or empty: the site is not sealed.</summary>
    public string? Path { get; set; }

    /// <summary>The environment whose overlay lies over it.</summary>
    public string? Overlay { get; set; }
}
