using System.Globalization;

namespace StellaOps.Telemetry.Benchmarks.Harness.Processes;

/// <summary>What the operating system says that a process used.</summary>
internal sealed class ProcessUsage(int processId)
{
    /// <summary>USER_HZ: what /proc shows is in hundredths of a second on every Linux that matters here.</summary>
    private const double TicksPerSecond = 100;

    public int ProcessId { get; } = processId;

    /// <summary>User and system time of all its threads, those that ended included. Fields 14 and 15 of /proc/PID/stat, counted behind the name in parentheses.</summary>
    public double CpuSeconds()
    {
        var stat = File.ReadAllText($"/proc/{Id}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (Number(fields[11]) + Number(fields[12])) / TicksPerSecond;
    }

    /// <summary>The most memory that was ever resident, MiB (VmHWM).</summary>
    public double PeakMemoryMiB() => StatusKiB("VmHWM:") / 1024;

    /// <summary>What is resident now, MiB (VmRSS).</summary>
    public double MemoryMiB() => StatusKiB("VmRSS:") / 1024;

    private string Id => ProcessId.ToString(CultureInfo.InvariantCulture);

    private double StatusKiB(string name)
    {
        var line = File.ReadLines($"/proc/{Id}/status").First(l => l.StartsWith(name, StringComparison.Ordinal));
        return Number(line[name.Length..].Trim().Split(' ')[0]);
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
