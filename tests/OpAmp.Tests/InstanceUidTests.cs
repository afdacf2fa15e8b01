using Google.Protobuf;

namespace StellaOps.Telemetry.OpAmp.Tests;

public sealed class InstanceUidTests
{
    private const string Text = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6";

    [Fact]
    public void ToByteString_CanonicalText_IsInNetworkOrder()
    {
        Assert.True(InstanceUid.TryParse(Text, out var uid));

        Assert.Equal("F81D4FAE7DEC11D0A76500A0C91E6BF6", Convert.ToHexString(uid.ToByteString().Span));
        Assert.True(InstanceUid.TryFrom(uid.ToByteString(), out var again));
        Assert.Equal((uid, Text), (again, again.ToString()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    [InlineData(17)]
    [InlineData(26)]
    public void TryFrom_OtherLength_IsRefused(int bytes) => Assert.False(InstanceUid.TryFrom(ByteString.CopyFrom(new byte[bytes]), out _));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("f81d4fae7dec11d0a76500a0c91e6bf6")]
    [InlineData("{f81d4fae-7dec-11d0-a765-00a0c91e6bf6}")]
    [InlineData("01ARZ3NDEKTSV4RRFFQ69G5FAV")]
    public void TryParse_NotCanonical_IsRefused(string? text) => Assert.False(InstanceUid.TryParse(text, out _));

    [Fact]
    public void New_OfATime_IsVersion7OfThatTime()
    {
        var now = DateTimeOffset.FromUnixTimeMilliseconds(0x0198F0C0ABCD);

        var bytes = InstanceUid.New(now).ToByteString().Span;

        Assert.Equal("0198F0C0ABCD", Convert.ToHexString(bytes[..6]));
        Assert.Equal(7, bytes[6] >> 4);
        Assert.NotEqual(InstanceUid.New(now), InstanceUid.New(now));
    }
}
