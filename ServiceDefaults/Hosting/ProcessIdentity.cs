using System.Globalization;

namespace StellaOps.Telemetry.ServiceDefaults.Hosting;

/// <summary>A process that cannot be mistaken for a later one with the same number: its number and its start time.</summary>
public readonly record struct ProcessIdentity(int ProcessId, long StartTicks)
{
    /// <summary>Reads <c>/proc/&lt;pid&gt;/stat</c>; null when there is no such process, or only its zombie.</summary>
    public static ProcessIdentity? Find(int processId)
    {
        string stat;
        try
        {
            stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/stat"));
        }
        catch (IOException)
        {
            return null;
        }

        // "4711 (a (strange) name) S 1 ...": the name may hold anything, so fields count from the last ')'. State is the 3rd, start time the 22nd.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return fields[0] is "Z" or "X" ? null : new ProcessIdentity(processId, long.Parse(fields[19], CultureInfo.InvariantCulture));
    }

    /// <summary>Whether that very process still runs.</summary>
    public bool IsAlive() => Find(ProcessId) == this;
}
