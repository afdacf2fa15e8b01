using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IncidentService.Incidents;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Incidents;

public sealed class IncidentMachineTests
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Stop_WithoutCooldown_ClosesAtOnce()
    {
        var closed = IncidentMachine.Stop(Start(ttl: 60, cooldown: 0), skipCooldown: false, At(10));
        Assert.Equal((IncidentState.Closed, At(10), At(10), 2L), (closed.State, closed.ExpiresAt, closed.EndedAt, closed.Version));
        Assert.True(closed.ToMessage().Tombstone);
    }

    [Fact]
    public void Stop_AfterItsTimeRanOut_NeverLengthens()
    {
        var late = IncidentMachine.Stop(Start(ttl: 60, cooldown: 30), skipCooldown: false, At(80));
        Assert.Equal(At(90), late.ExpiresAt);
    }

    [Fact]
    public void Tick_StoppedIncident_ClosesAtTheEndOfItsCooldown()
    {
        var stopped = IncidentMachine.Stop(Start(ttl: 60, cooldown: 30), skipCooldown: false, At(10));
        Assert.Equal((IncidentState.CoolingDown, At(40)), (stopped.State, stopped.ExpiresAt));
        Assert.Same(stopped, IncidentMachine.Tick(stopped, At(39)));
        Assert.Equal(IncidentState.Closed, IncidentMachine.Tick(stopped, At(40)).State);
    }

    [Fact]
    public void Tick_MissedTheCooldown_ExpiresInOneStep()
    {
        var expired = IncidentMachine.Tick(Start(ttl: 60, cooldown: 30), At(1000));
        Assert.Equal((IncidentState.Expired, At(60), 2L), (expired.State, expired.EndedAt, expired.Version));
        Assert.Same(expired, IncidentMachine.Tick(expired, At(2000)));
    }

    [Fact]
    public void AnnouncedUntil_StopAfterExtend_KeepsTheLatestEndEverTold()
    {
        var extended = IncidentMachine.Extend(Start(ttl: 60, cooldown: 30), 600, At(10));
        Assert.Equal((At(610), At(640), At(640)), (extended.ActiveUntil, extended.ExpiresAt, extended.AnnouncedUntil));
        var stopped = IncidentMachine.Stop(extended, skipCooldown: true, At(20));
        Assert.Equal((At(20), At(640)), (stopped.ExpiresAt, stopped.AnnouncedUntil));
    }

    [Fact]
    public void Extend_TimeRanOutUnnoticed_IsNotPossible() => Assert.False(IncidentMachine.CanExtend(Start(ttl: 60, cooldown: 30), At(60)));

    private static DateTimeOffset At(int seconds) => s_start.AddSeconds(seconds);

    private static Incident Start(int ttl, int cooldown) =>
        IncidentMachine.Start("inc-1", new StartIncidentRequest(TenantId.Parse("shop"), null, "r", TtlSeconds: ttl, CooldownSeconds: cooldown), "rita", s_start);
}
