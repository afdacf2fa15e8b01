using System.Globalization;

namespace StellaOps.Telemetry.ProfileService.Versions;

/// <summary>How the audit trail and the fleet view name a version: <c>forensic@7</c>.</summary>
internal static class VersionTarget
{
    public static string Of(string profile, long version) => string.Create(CultureInfo.InvariantCulture, $"{profile}@{version}");
}
