using System.Diagnostics;
using StellaOps.Telemetry.Otlp;
using StellaOps.Telemetry.Redaction.Tests.TestServices;

namespace StellaOps.Telemetry.Redaction.Tests.Scanning;

public sealed class PatternTests
{
    [Theory]
    [InlineData("(a+)+$", "a", "b")]
    [InlineData("(a|aa)+Q", "a", "")]
    [InlineData("x", "x", "")]
    [InlineData("[0-9]+z", "7", "")]
    [InlineData("é", "é", "")]
    public void Redact_TextMadeToBeSlow_TakesTimeInProportionToItsLength(string pattern, string piece, string end)
    {
        var rule = new ValueRule("own", RedactionAction.Mask, ValueClass.Pattern, pattern);
        var redactor = new Redactor(CompiledPolicy.Compile(new RedactionPolicy { Name = "p", BlockedValues = [rule] }, Baseline.Secrets));
        Time(redactor, piece, end, 1_000);

        var small = Enumerable.Range(0, 3).Min(_ => Time(redactor, piece, end, 20_000));
        var large = Enumerable.Range(0, 3).Min(_ => Time(redactor, piece, end, 160_000));

        // Eight times the text; a square would be 64 times the time. What is added is what a busy machine may take away.
        Assert.True(large < (small * 24) + 100, $"{small} ms, then {large} ms");
    }

    private static double Time(Redactor redactor, string piece, string end, int pieces)
    {
        var request = Places.Record(Proto.Str(5, string.Concat(Enumerable.Repeat(piece, pieces)) + end));
        var clock = Stopwatch.StartNew();
        Baseline.Redact(OtlpSignal.Traces, request, redactor: redactor);
        return clock.Elapsed.TotalMilliseconds;
    }
}
