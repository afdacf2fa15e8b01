namespace StellaOps.Telemetry.Benchmarks.Harness.Reporting;

/// <summary>PASS or FAIL of what has to hold.</summary>
internal static class Verdict
{
    /// <summary>Prints a line for each; the exit code.</summary>
    public static int Print(params (FormattableString What, bool Holds)[] verdicts)
    {
        foreach (var (what, holds) in verdicts)
        {
            Console.Out.WriteLine($"{(holds ? "PASS" : "FAIL")}  {FormattableString.Invariant(what)}");
        }

        return verdicts.All(v => v.Holds) ? 0 : 1;
    }
}
