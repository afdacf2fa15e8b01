using System.Globalization;

namespace StellaOps.Telemetry.CaptureWorker.FunctionalTests.TestServices;

/// <summary>How often a worker is killed: seldom in a test, for long by <c>eng/worker-crash.sh</c>, which sets <c>STELLA_KILLS</c>.</summary>
internal static class Kills
{
    public static int OrInShort(int kills) => int.Parse(Environment.GetEnvironmentVariable("STELLA_KILLS") ?? kills.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
