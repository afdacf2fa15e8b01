using StellaOps.Telemetry.Profiles.Rendering.Collector;

namespace StellaOps.Telemetry.Profiles.Tests.Rendering.Collector;

public sealed class Re2Tests
{
    [Theory]
    [InlineData(@"^order-[0-9]{4,}$")]
    [InlineData(@"(?i)(?:a|b)\.c")]
    [InlineData(@"\p{L}\P{Nd}[\p{L}\-]")]
    [InlineData(@"\x41[\]\[]")]
    [InlineData(@"[(?=]")]
    [InlineData(@"a(b)c")]
    public void Accepts_WhatBothRead_IsTrue(string pattern) => Assert.True(Re2.Accepts(pattern));

    [Theory]
    [InlineData("", "empty")]
    [InlineData(@"(?=ahead)", "lookahead")]
    [InlineData(@"(?<!behind)", "lookbehind")]
    [InlineData(@"(?<name>x)", "named group, by older ones")]
    [InlineData(@"(?>atomic)", "atomic group")]
    [InlineData(@"(a)\1", "back reference")]
    [InlineData(@"\u00e9", "escape of .NET")]
    [InlineData(@"\cA", "control character")]
    [InlineData(@"\Z", "another end")]
    [InlineData(@"\p{IsGreek}", "block of .NET")]
    [InlineData(@"[a-z-[aeiou]]", "subtraction")]
    [InlineData(@"[\b]", "backspace")]
    [InlineData(@"\x4", "half an escape")]
    [InlineData(@"open[", "open set")]
    [InlineData(@"end\", "open escape")]
    [InlineData(@"(?x) a", "blanks that say nothing")]
    public void Accepts_WhatRe2DoesNotReadSo_IsFalse(string pattern, string why) => Assert.False(Re2.Accepts(pattern), why);
}
