using StellaOps.Telemetry.OpAmp.Wire;

namespace StellaOps.Telemetry.OpAmp.Tests.Wire;

public sealed class WebSocketHeaderTests
{
    [Theory]
    [InlineData("00", 1)]
    [InlineData("000A10", 1)]
    [InlineData("8000", 2)]
    [InlineData("80808000", 4)]
    [InlineData("80808080808080808000", 10)]
    public void FaultOf_Zero_TakesItsBytes(string hex, int length)
    {
        Assert.Null(WebSocketHeader.FaultOf(Convert.FromHexString(hex), out var taken));
        Assert.Equal(length, taken);
    }

    [Theory]
    [InlineData("01", "header is 1")]
    [InlineData("0A10", "header is 10")]
    [InlineData("AC02", "header is 300")]
    [InlineData("FFFFFFFFFFFFFFFFFF01", "header is 18446744073709551615")]
    [InlineData("", "ends within its header")]
    [InlineData("80", "ends within its header")]
    [InlineData("808080808080808080", "ends within its header")]
    [InlineData("80808080808080808080", "does not fit 64 bits")]
    [InlineData("FFFFFFFFFFFFFFFFFF02", "does not fit 64 bits")]
    public void FaultOf_OtherThanZero_SaysWhat(string hex, string fault) =>
        Assert.Contains(fault, WebSocketHeader.FaultOf(Convert.FromHexString(hex), out _), StringComparison.Ordinal);
}
