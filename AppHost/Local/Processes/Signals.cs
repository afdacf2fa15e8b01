using System.Globalization;
using System.Runtime.InteropServices;

namespace StellaOps.Telemetry.AppHost.Local.Processes;

/// <summary>Signals to processes, and telling them apart.</summary>
internal static class Signals
{
    public const int Interrupt = 2;
    public const int Quit = 3;
    public const int Kill = 9;
    public const int Terminate = 15;

    /// <summary>Sends a signal; a process that is gone already is no error.</summary>
    public static void Send(int processId, int signal) => _ = SendSignal(processId, signal);

    /// <summary>
    /// When a process started, in the kernel's ticks: with its number this names it for good. Null when it is gone or only its zombie is left.
    /// Field 22 of <c>/proc/4711/stat</c>, counted from the last ')' because the name may hold anything.
    /// </summary>
    public static string? StartOf(int processId)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/stat"));
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : fields[19];
        }
        catch (IOException)
        {
            return null;
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int processId, int signal);
}
