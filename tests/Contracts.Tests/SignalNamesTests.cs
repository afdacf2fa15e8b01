namespace StellaOps.Telemetry.Contracts.Tests;

public sealed class SignalNamesTests
{
    // Numbers stand in logs and segments on disks.
    [Theory]
    [InlineData(Signal.Traces, 1, "traces")]
    [InlineData(Signal.Metrics, 2, "metrics")]
    [InlineData(Signal.Logs, 3, "logs")]
    public void Signal_HasItsNumberAndName(Signal signal, byte number, string name)
    {
        Assert.Equal(number, (byte)signal);
        Assert.Equal(name, signal.ToName());
        Assert.True(SignalNames.TryParse(name, out var read));
        Assert.Equal(signal, read);
    }

    [Fact]
    public void All_AreInTheOrderOfTheirNumbers() => Assert.Equal(Enum.GetValues<Signal>(), SignalNames.All);

    [Theory]
    [InlineData("")]
    [InlineData("Traces")]
    [InlineData("trace")]
    [InlineData("1")]
    public void TryParse_AnythingElse_IsRefused(string name) => Assert.False(SignalNames.TryParse(name, out _));

    [Fact]
    public void ToName_OfNoSignal_Throws() => Assert.Throws<ArgumentOutOfRangeException>(() => ((Signal)0).ToName());
}
