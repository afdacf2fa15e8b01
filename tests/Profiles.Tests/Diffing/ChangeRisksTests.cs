using StellaOps.Telemetry.Profiles.Diffing;

namespace StellaOps.Telemetry.Profiles.Tests.Diffing;

public sealed class ChangeRisksTests
{
    [Fact]
    public void Names_Everything_ReadBackInRisingOrder()
    {
        Assert.Equal("harmless", ChangeRisks.Name(ChangeRisks.All[0]));
        Assert.Equal("disables-sealed-mode", ChangeRisks.Name(ChangeRisks.All[^1]));
        Assert.Equal(ChangeRisks.All.Order(), ChangeRisks.All);
        Assert.All(ChangeRisks.All, r => Assert.True(ChangeRisks.TryParse(ChangeRisks.Name(r), out var read) && read == r));
    }

    [Theory]
    [InlineData("")]
    [InlineData("OpensEgress")]
    [InlineData("opens egress")]
    [InlineData("11")]
    public void TryParse_NoName_IsFalse(string name) => Assert.False(ChangeRisks.TryParse(name, out _));
}
