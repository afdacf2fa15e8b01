using System.Diagnostics;
using System.Globalization;

namespace StellaOps.Telemetry.Benchmarks.Harness.Searching;

/// <summary>The limit: what <c>zstd -dc</c> takes for the same files, in one process or several at once.</summary>
internal static class ZstdRun
{
    /// <returns>Seconds by the clock, and of processors.</returns>
    public static async Task<(double Seconds, double CpuSeconds)> MeasureAsync(IReadOnlyList<string> files, int processes)
    {
        var started = Stopwatch.GetTimestamp();
        var cpu = await Task.WhenAll(Enumerable.Range(0, processes).Select(p => DecompressAsync(files.Where((_, i) => i % processes == p))));
        return (Stopwatch.GetElapsedTime(started).TotalSeconds, cpu.Sum());
    }

    private static async Task<double> DecompressAsync(IEnumerable<string> files)
    {
        // The shell sends it to nowhere, since a pipe to here would be what is measured, and says what its child has used.
        using var process = Process.Start(new ProcessStartInfo("sh", ["-c", "zstd -dcq \"$@\" >/dev/null && times", "zstd", .. files]) { RedirectStandardOutput = true })!;
        var times = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? times.Split('\n')[1].Split(' ').Sum(SecondsOf)
            : throw new InvalidOperationException($"zstd ended with {process.ExitCode}");
    }

    /// <param name="time">As in <c>0m1.230s</c>.</param>
    private static double SecondsOf(string time)
    {
        var cut = time.IndexOf('m', StringComparison.Ordinal);
        return (60 * double.Parse(time[..cut], CultureInfo.InvariantCulture)) + double.Parse(time[(cut + 1)..^1], CultureInfo.InvariantCulture);
    }
}
