namespace StellaOps.Telemetry.IncidentService.Limits;

/// <summary>Ceilings that keep a storm of incidents from becoming a storm of telemetry. Above them incidents open all the same, at a lower rate.</summary>
internal sealed class IncidentLimits
{
    public const string Section = "Stella:Incident:Limits";

    /// <summary>Incidents of one tenant that raise sampling at the same time.</summary>
    public int MaxRaisedPerTenant { get; set; } = 20;

    /// <summary>Incidents of all tenants that do.</summary>
    public int MaxRaised { get; set; } = 500;

    /// <summary>What incidents of one tenant may keep beside what sampling keeps anyway, spans per second.</summary>
    public long MaxExtraSpansPerSecondPerTenant { get; set; } = 50_000;
}
