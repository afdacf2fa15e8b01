namespace StellaOps.Telemetry.ServiceDefaults.Database;

/// <summary>The connection string <c>telemetry</c>.</summary>
public sealed class StellaDatabaseOptions
{
    public string? ConnectionString { get; set; }
}
