namespace StellaOps.Telemetry.ServiceDefaults.Hosting;

/// <summary>Section <c>Stella:Host</c>.</summary>
public sealed class StellaHostOptions
{
    public const string Section = "Stella:Host";

    /// <summary>The process whose end ends this one; null: none.</summary>
    public int? ParentProcessId { get; set; }
}
