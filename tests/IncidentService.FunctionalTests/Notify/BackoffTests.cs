using StellaOps.Telemetry.IncidentService.Notify.Deliveries;
using StellaOps.Telemetry.Profiles.Notifying;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Notify;

public sealed class BackoffTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly NotifyRetry s_policy = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60), TimeSpan.FromHours(2));

    [Theory]
    [InlineData(1, 0, 0.5)]
    [InlineData(1, 1, 1)]
    [InlineData(3, 1, 4)]
    [InlineData(3, 0, 2)]
    [InlineData(7, 1, 60)]
    [InlineData(1_000_000, 1, 60)]
    public void Delay_DoublesToItsBound_HalfOfItByChance(int attempts, double jitter, double seconds) =>
        Assert.Equal(s_now.AddSeconds(seconds), Backoff.Next(s_policy, attempts, s_now, s_now, null, jitter));

    [Theory]
    [InlineData(30, 30)]
    [InlineData(0, 1)]
    [InlineData(-5, 1)]
    [InlineData(1_000_000, 3600)]
    public void RetryAfter_IsHonouredWithinABound(int asked, double seconds) =>
        Assert.Equal(s_now.AddSeconds(seconds), Backoff.Next(s_policy, 1, s_now, s_now, TimeSpan.FromSeconds(asked), 1));

    [Fact]
    public void Policy_TimeOver_IsTheEnd() => Assert.Null(Backoff.Next(s_policy, 1, s_now.AddHours(-2), s_now, null, 0));
}
