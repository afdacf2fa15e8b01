namespace StellaOps.Telemetry.ProfileService.IngestKeys;

/// <summary>Section <c>Stella:Bootstrap</c>.</summary>
internal sealed class BootstrapOptions
{
    public const string Section = "Stella:Bootstrap";

    /// <summary>File with an ingest key of tenant <c>stella-system</c>, registered at start; null: the tenant gets no key here.</summary>
    public string? SystemIngestKeyFile { get; set; }
}
