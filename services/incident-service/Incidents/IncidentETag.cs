using System.Globalization;

namespace StellaOps.Telemetry.IncidentService.Incidents;

/// <summary>An incident's ETag is its version: <c>"3"</c>.</summary>
internal static class IncidentETag
{
    public static string Of(long version) => string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");

    /// <summary>Reads an If-Match; <c>*</c> and none at all want any version.</summary>
    public static bool TryParse(string? ifMatch, out long? version)
    {
        version = null;
        if (ifMatch is null or "*")
        {
            return true;
        }

        if (ifMatch.Length > 2 && ifMatch[0] == '"' && ifMatch[^1] == '"' && long.TryParse(ifMatch.AsSpan(1, ifMatch.Length - 2), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            version = number;
            return true;
        }

        return false;
    }
}
