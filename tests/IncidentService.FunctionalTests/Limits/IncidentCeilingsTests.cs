using Microsoft.Extensions.Options;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IncidentService.Incidents;
using StellaOps.Telemetry.IncidentService.Limits;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Limits;

public sealed class IncidentCeilingsTests
{
    private static readonly TenantId s_shop = TenantId.Parse("shop");
    private readonly IncidentCeilings _ceilings = new(Options.Create(new IncidentLimits { MaxRaisedPerTenant = 2, MaxRaised = 3, MaxExtraSpansPerSecondPerTenant = 1000 }));

    [Fact]
    public void Judge_MoreThanATenantMayHave_RaisesTheMostSevereThenTheOldest()
    {
        var rates = Judge([Open("a", 1, IncidentSeverity.Warning), Open("b", 2, IncidentSeverity.Warning), Open("c", 3, IncidentSeverity.Critical), Open("d", 4, IncidentSeverity.Info)]);
        Assert.Equal(new Dictionary<string, double> { ["a"] = 1, ["b"] = 0, ["c"] = 1, ["d"] = 0 }, rates);
    }

    [Fact]
    public void Judge_MoreThanAllMayHave_RaisesTheOldest()
    {
        var rates = Judge([Open("a", 1), Open("b", 2), Open("c", 3, tenant: "cart"), Open("d", 4, tenant: "cart")]);
        Assert.Equal(new Dictionary<string, double> { ["a"] = 1, ["b"] = 1, ["c"] = 1, ["d"] = 0 }, rates);
    }

    [Theory]
    [InlineData(1.0, 1001, 4, 0.5)]
    [InlineData(1.0, 1001, 2, 1.0)]
    [InlineData(1.0, 999, 100, 1.0)]
    [InlineData(0.5, 5000, 4, 0.25)]
    [InlineData(IncidentCeilings.LowestShare, 5000, 4, IncidentCeilings.LowestShare)]
    [InlineData(0.5, 300, 11, 1.0)]
    [InlineData(0.5, 300, 9, 0.5)]
    [InlineData(0.5, 450, 11, 0.5)]
    public void Judge_WhatIsKept_StepsTheShareDownAndUp(double share, double spansPerSecond, int secondsSinceLastStep, double expected)
    {
        Incident[] open = [Open("a", 1) with { SamplingRate = 0.8, EffectiveRate = 0.8 * share }, Open("b", 2) with { EffectiveRate = share }];
        var last = new Dictionary<TenantId, DateTimeOffset> { [s_shop] = Incidents.Incidents.At(100 - secondsSinceLastStep) };
        var grants = _ceilings.Judge(open, _ => spansPerSecond / 2, last, Incidents.Incidents.At(100));
        Assert.Equal((0.8 * expected, expected), (grants["a"].Rate, grants["b"].Rate));
    }

    private static Incident Open(string id, int at, IncidentSeverity severity = IncidentSeverity.Critical, string tenant = "shop") =>
        IncidentMachine.Activate(Incidents.Incidents.Start(3600, 60, id, at: at), Incidents.Incidents.At(at)) with { Severity = severity, Tenant = TenantId.Parse(tenant) };

    private Dictionary<string, double> Judge(IReadOnlyList<Incident> open) =>
        _ceilings.Judge(open, _ => 0, new Dictionary<TenantId, DateTimeOffset>(), Incidents.Incidents.At(100)).ToDictionary(g => g.Key, g => g.Value.Rate);
}
