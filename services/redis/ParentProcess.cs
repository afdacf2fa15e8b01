using System.Globalization;

namespace StellaOps.Telemetry.Redis;

/// <summary>The process that started this one (<c>Stella__Host__ParentProcessId</c>): when it is gone, so is this. This host knows nothing else of ours.</summary>
internal static class ParentProcess
{
    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(500);

    /// <summary>Waits until the parent is gone, or until told to stop. Without a parent only the latter ends it.</summary>
    public static async Task WaitForEndAsync(CancellationToken cancellationToken)
    {
        var named = int.TryParse(Environment.GetEnvironmentVariable("Stella__Host__ParentProcessId"), NumberStyles.None, CultureInfo.InvariantCulture, out var id);
        var start = named ? StartTimeOf(id) : null;
        try
        {
            while (!named || (start is not null && StartTimeOf(id) == start))
            {
                await Task.Delay(named ? s_period : Timeout.InfiniteTimeSpan, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // Told to stop.
        }
    }

    /// <summary>Field 22 of <c>/proc/&lt;pid&gt;/stat</c>, counted behind the name, which may hold anything; null when it is gone or a zombie.</summary>
    private static string? StartTimeOf(int processId)
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
}
