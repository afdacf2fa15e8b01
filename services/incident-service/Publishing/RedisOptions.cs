namespace StellaOps.Telemetry.IncidentService.Publishing;

/// <summary>The connection string <c>redis</c>.</summary>
internal sealed class RedisOptions
{
    public string? ConnectionString { get; set; }
}
