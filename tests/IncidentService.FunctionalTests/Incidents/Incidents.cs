using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IncidentService.Incidents;
using StellaOps.Telemetry.IncidentService.Site;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Incidents;

/// <summary>Incidents that start at second 0.</summary>
internal static class Incidents
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static DateTimeOffset At(double seconds) => s_start.AddSeconds(seconds);

    public static Incident Start(int ttl, int cooldown, string id = "inc-1", double rate = 1, double at = 0) => IncidentMachine.Start(
        id,
        new StartIncidentRequest(TenantId.Parse("shop"), null, "r"),
        new IncidentTerms(rate, ttl, cooldown, LookbackSeconds: 900),
        new IncidentOrigin(IncidentOriginKind.Person),
        "rita",
        rate,
        At(at));

    public static Incident Active(int ttl, int cooldown) => IncidentMachine.Activate(Start(ttl, cooldown), At(0));
}
