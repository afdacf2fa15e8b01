namespace StellaOps.Telemetry.Replay.Tests;

public sealed class ReplayPaceTests
{
    [Theory]
    [InlineData(null, null, 0)]
    [InlineData(100.0, null, 10)]
    [InlineData(null, 1.0, 60)]
    [InlineData(null, 10.0, 6)]
    [InlineData(null, 0.5, 120)]
    public void DueAt_AThousandRecordsAndAMinuteLater(double? rate, double? speed, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), new ReplayPace(rate, speed).DueAt(1_000, TimeSpan.FromMinutes(1)));
}
