namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Chaos;

/// <summary>What is killed.</summary>
public enum Victim
{
    IncidentService,
    Redis,
    Postgres,
    Gateway,
}
