using StellaOps.Telemetry.Profiles.Rendering.Yaml;

namespace StellaOps.Telemetry.Profiles.Tests.Rendering.Yaml;

public sealed class AmountsTests
{
    [Theory]
    [InlineData("15.00:00:00", "15d", "360h")]
    [InlineData("1.12:00:00", "36h", "36h")]
    [InlineData("01:30:00", "90m", "90m")]
    [InlineData("00:00:45", "45s", "45s")]
    [InlineData("00:00:01.5", "1500ms", "1500ms")]
    [InlineData("00:00:00.0000001", "1ms", "1ms")]
    public void Durations_Anything_AreExactInOneUnit(string duration, string days, string hours)
    {
        var value = TimeSpan.Parse(duration, System.Globalization.CultureInfo.InvariantCulture);

        Assert.Equal(days, Amounts.Days(value));
        Assert.Equal(hours, Amounts.Hours(value));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1 << 20, 1)]
    [InlineData((1 << 20) + 1, 2)]
    [InlineData(16 << 20, 16)]
    public void MebibytesUp_Bytes_AreNeverLess(long bytes, long mebibytes) => Assert.Equal(mebibytes, Amounts.MebibytesUp(bytes));
}
