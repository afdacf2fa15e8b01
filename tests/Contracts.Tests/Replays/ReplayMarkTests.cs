using StellaOps.Telemetry.Contracts.Replays;

namespace StellaOps.Telemetry.Contracts.Tests.Replays;

public sealed class ReplayMarkTests
{
    [Theory]
    [InlineData("r/0", "r", 0)]
    [InlineData("0f.shifted/999999", "0f.shifted", 999_999)]
    [InlineData("A_b-c.9/17", "A_b-c.9", 17)]
    public void TryParse_AMark_AndBack(string text, string id, long ordinal)
    {
        Assert.True(ReplayMark.TryParse(text, out var mark));
        Assert.Equal(new ReplayMark(id, ordinal), mark);
        Assert.Equal(text, mark.ToString());
        Assert.True(ReplayMark.IsMark(text));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("r")]
    [InlineData("/1")]
    [InlineData("r/")]
    [InlineData("r/-1")]
    [InlineData("r/+1")]
    [InlineData("r/01")]
    [InlineData("r/ 1")]
    [InlineData("r/1000000")]
    [InlineData("r/99999999999999999999")]
    [InlineData("r/1/2")]
    [InlineData("r r/1")]
    [InlineData("r\u00e9/1")]
    public void TryParse_NoMark_IsRefused(string? text) => Assert.False(ReplayMark.TryParse(text, out _));

    [Fact]
    public void TryParse_IdAboveTheLimit_IsRefused()
    {
        Assert.True(ReplayMark.IsMark(new string('x', ReplayMark.MaxIdLength) + "/0"));
        Assert.False(ReplayMark.IsMark(new string('x', ReplayMark.MaxIdLength + 1) + "/0"));
    }
}
