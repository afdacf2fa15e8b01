namespace StellaOps.Telemetry.IncidentService.Usage;

/// <summary>Whose reports count: <see cref="Contracts.KnownEnvironment.TrustFile"/>.</summary>
internal sealed class TrustFileOptions
{
    public const string Section = "Stella:Trust";

    public string? File { get; set; }
}
