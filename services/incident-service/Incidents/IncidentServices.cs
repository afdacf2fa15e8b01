using StellaOps.Telemetry.IncidentService.Publishing;

namespace StellaOps.Telemetry.IncidentService.Incidents;

/// <summary>What starting an incident takes.</summary>
internal sealed class IncidentServices(IncidentStore incidents, IncidentActivator activator, TimeProvider time)
{
    public IncidentStore Incidents => incidents;

    public IncidentActivator Activator => activator;

    public TimeProvider Time => time;
}
