using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.Benchmarks.Harness;

/// <summary>Where data folders and logs of a command lie: in the checkout, since a temporary folder may be memory.</summary>
internal static class Workspace
{
    public static string Root { get; } = Path.Combine(Repository.Root, "artifacts", "benchmarks");

    /// <summary>Written log files, lent to one gateway after the other.</summary>
    public static string LogFiles => Path.Combine(Root, "log-files");

    public static void Delete()
    {
        if (Directory.Exists(Root))
        {
            Directory.Delete(Root, recursive: true);
        }
    }
}
