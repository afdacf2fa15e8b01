using System.Text;
using StellaOps.Telemetry.Archive.Search;

namespace StellaOps.Telemetry.Archive.Tests.Search;

public sealed class TextNeedleTests
{
    [Fact]
    public void IsIn_AnyTextInAnyOther_IsWhatStringsSay()
    {
        var random = new Random(5);
        for (var i = 0; i < 20_000; i++)
        {
            // Few letters, so that almost-matches are common.
            var text = Text(random, random.Next(0, 80));
            var needle = Text(random, random.Next(1, 5));
            Assert.Equal(text.Contains(needle, StringComparison.Ordinal), new TextNeedle(needle, ignoreCase: false).IsIn(Encoding.UTF8.GetBytes(text)));
            Assert.Equal(text.Contains(needle, StringComparison.OrdinalIgnoreCase), new TextNeedle(needle, ignoreCase: true).IsIn(Encoding.UTF8.GetBytes(text)));
        }
    }

    [Theory]
    [InlineData("503", true)]
    [InlineData("-1.5E+2", true)]
    [InlineData("rue", true)]
    [InlineData("fin", true)]
    [InlineData("v503", false)]
    [InlineData("50 ", false)]
    public void MayBeNumber_WhatANumberIsWrittenWith(string text, bool expected) => Assert.Equal(expected, new TextNeedle(text, ignoreCase: false).MayBeNumber);

    private static string Text(Random random, int length) => string.Create(length, random, (span, r) =>
    {
        foreach (ref var c in span)
        {
            c = "aAbBzZ7 -名"[r.Next(10)];
        }
    });
}
