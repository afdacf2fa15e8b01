using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.IncidentService.Incidents;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Incidents;

public sealed class IncidentMachineTests
{
    [Fact]
    public void Edges_FoundByTryingEverything_AreThoseOfTheDesign() =>
        Assert.Equal(
            [
                (IncidentState.Requested, IncidentState.Active),
                (IncidentState.Requested, IncidentState.Expired),
                (IncidentState.Active, IncidentState.CoolingDown),
                (IncidentState.Active, IncidentState.Expired),
                (IncidentState.Active, IncidentState.Superseded),
                (IncidentState.CoolingDown, IncidentState.Active),
                (IncidentState.CoolingDown, IncidentState.Closed),
                (IncidentState.CoolingDown, IncidentState.Expired),
                (IncidentState.CoolingDown, IncidentState.Superseded),
            ],
            MachineEdges.Find().Select(e => (e.From, e.To)).Distinct().Order());

    [Fact]
    public void Stop_Requested_StaysSoAndIsCutShort()
    {
        var stopped = IncidentMachine.Stop(Incidents.Start(ttl: 60, cooldown: 30), skipCooldown: false, Incidents.At(10));
        Assert.Equal((IncidentState.Requested, Incidents.At(10), Incidents.At(40)), (stopped.State, stopped.EndedAt, stopped.ExpiresAt));

        // A gateway may have heard of it before the service was killed: what comes after is of a higher version, and ends.
        var active = IncidentMachine.Activate(stopped, Incidents.At(11));
        Assert.Equal((IncidentState.Active, 3L), (active.State, active.Version));
        var cooling = IncidentMachine.Tick(active, Incidents.At(11));
        Assert.Equal((IncidentState.CoolingDown, Incidents.At(10), Incidents.At(40)), (cooling.State, cooling.EndedAt, cooling.ExpiresAt));
    }

    [Fact]
    public void Stop_WithoutCooldown_IsOverAtOnce()
    {
        var stopped = IncidentMachine.Stop(Incidents.Active(ttl: 60, cooldown: 0), skipCooldown: false, Incidents.At(10));
        var closed = IncidentMachine.Tick(stopped, Incidents.At(10));
        Assert.Equal((IncidentState.Closed, Incidents.At(10), Incidents.At(10), 4L), (closed.State, closed.ExpiresAt, closed.EndedAt, closed.Version));
        Assert.True(closed.ToMessage().Tombstone);
    }

    [Fact]
    public void Stop_AfterItsTimeRanOut_NeverLengthens()
    {
        var late = IncidentMachine.Stop(Incidents.Active(ttl: 60, cooldown: 30), skipCooldown: false, Incidents.At(80));
        Assert.Equal((Incidents.At(60), Incidents.At(90)), (late.EndedAt, late.ExpiresAt));
    }

    [Fact]
    public void Tick_StoppedIncident_ClosesAtTheEndOfItsCooldown()
    {
        var stopped = IncidentMachine.Stop(Incidents.Active(ttl: 60, cooldown: 30), skipCooldown: false, Incidents.At(10));
        Assert.Equal((IncidentState.CoolingDown, Incidents.At(40)), (stopped.State, stopped.ExpiresAt));
        Assert.Same(stopped, IncidentMachine.Tick(stopped, Incidents.At(39)));
        Assert.Equal(IncidentState.Closed, IncidentMachine.Tick(stopped, Incidents.At(40)).State);
    }

    [Fact]
    public void Tick_NobodyWasThereToCloseIt_ExpiresInOneStep()
    {
        var expired = IncidentMachine.Tick(Incidents.Active(ttl: 60, cooldown: 30), Incidents.At(1000));
        Assert.Equal((IncidentState.Expired, Incidents.At(60), 3L), (expired.State, expired.EndedAt, expired.Version));
        Assert.Same(expired, IncidentMachine.Tick(expired, Incidents.At(2000)));
    }

    [Fact]
    public void AnnouncedUntil_StopAfterExtend_KeepsTheLatestEndEverTold()
    {
        var extended = IncidentMachine.Extend(Incidents.Active(ttl: 60, cooldown: 30), 600, Incidents.At(10));
        Assert.Equal((Incidents.At(610), Incidents.At(640), Incidents.At(640)), (extended.ActiveUntil, extended.ExpiresAt, extended.AnnouncedUntil));
        var stopped = IncidentMachine.Stop(extended, skipCooldown: true, Incidents.At(20));
        Assert.Equal((Incidents.At(20), Incidents.At(640)), (stopped.ExpiresAt, stopped.AnnouncedUntil));
    }

    [Fact]
    public void Extend_CoolingDown_IsActiveAgain()
    {
        var cooling = IncidentMachine.Tick(Incidents.Active(ttl: 60, cooldown: 30), Incidents.At(61));
        var again = IncidentMachine.Extend(cooling, 10, Incidents.At(70));
        Assert.Equal((IncidentState.Active, Incidents.At(80), Incidents.At(110), null), (again.State, again.ActiveUntil, again.ExpiresAt, again.EndedAt));
        Assert.False(IncidentMachine.CanExtend(cooling, Incidents.At(90)));
    }

    [Fact]
    public void Throttle_ToNothing_TellsGatewaysThatItIsOver()
    {
        var throttled = IncidentMachine.Throttle(Incidents.Active(ttl: 60, cooldown: 30), 0);
        Assert.Equal((IncidentState.Active, 0.0, 3L), (throttled.State, throttled.EffectiveRate, throttled.Version));
        Assert.True(throttled.ToMessage().Tombstone);
        var raised = IncidentMachine.Throttle(throttled, 0.5).ToMessage();
        Assert.Equal((false, 0.5, 4L), (raised.Tombstone, raised.SamplingRate, raised.Version));
    }
}
