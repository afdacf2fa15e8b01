using System.Diagnostics;
using System.Globalization;

namespace StellaOps.Telemetry.Otlp.FuzzTests.Running;

/// <summary>
/// Runs a check with one seed after the other on all cores, for a few seconds with the seeds from 0, or for as long as
/// <c>eng/fuzz.sh</c> asks with seeds that no run had before.
/// </summary>
internal static class FuzzRun
{
    private static readonly double s_minutes = Number("STELLA_FUZZ_MINUTES", 0);
    private static readonly string? s_report = Environment.GetEnvironmentVariable("STELLA_FUZZ_REPORT");

    /// <summary>Of three checks each has a third of the time.</summary>
    public static TimeSpan Duration => s_minutes > 0 ? TimeSpan.FromMinutes(s_minutes / 3) : TimeSpan.FromSeconds(6);

    public static FuzzReport Run(string name, Func<int, string> check)
    {
        var first = (int)Number("STELLA_FUZZ_SEED", s_minutes > 0 ? Stopwatch.GetTimestamp() % 1_000_000_000 : 0);
        var report = new FuzzReport(name, first);
        var next = first - 1;
        var began = Stopwatch.GetTimestamp();
        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(Work)).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        report.Elapsed = Stopwatch.GetElapsedTime(began);
        if (s_report is not null)
        {
            File.AppendAllText(s_report, report + "\n");
        }

        return report;

        void Work()
        {
            while (Stopwatch.GetElapsedTime(began) < Duration && !report.IsFull)
            {
                var seed = Interlocked.Increment(ref next);
                try
                {
                    report.Passed(check(seed));
                }
                catch (Exception e)
                {
                    // A failed assertion or whatever the code under test threw: both are what this looks for.
                    report.Failed(seed, e);
                }
            }
        }
    }

    private static double Number(string variable, double otherwise) =>
        double.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
