using StellaOps.Telemetry.Profiles.Loading;
using StellaOps.Telemetry.Profiles.Model;

namespace StellaOps.Telemetry.Profiles.Tests.Model;

public sealed class ProfileWordsTests
{
    [Theory]
    [InlineData("250ms")]
    [InlineData("5s")]
    [InlineData("1h30m")]
    [InlineData("14d")]
    [InlineData("1d1h1m1s1ms")]
    public void Duration_WhatAProfileSays_ComesBack(string text)
    {
        Assert.True(Scalars.Duration(text, out var value));
        Assert.Equal(text, ProfileWords.Duration(value));
    }

    [Theory]
    [InlineData("64MiB")]
    [InlineData("1536MiB")]
    [InlineData("2TiB")]
    [InlineData("1000")]
    public void Size_WhatAProfileSays_ComesBack(string text)
    {
        Assert.True(Scalars.Size(text, out var value));
        Assert.Equal(text, ProfileWords.Size(value));
    }

    [Fact]
    public void Duration_Nothing_IsZeroSeconds() => Assert.Equal("0s", ProfileWords.Duration(TimeSpan.Zero));
}
