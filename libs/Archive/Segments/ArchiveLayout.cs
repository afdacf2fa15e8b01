using System.Globalization;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Archive.Segments;

/// <summary>Where things stand in the object store: <c>archive/v1/&lt;tenant&gt;/&lt;signal&gt;/&lt;yyyy&gt;/&lt;MM&gt;/&lt;dd&gt;/&lt;HH&gt;/&lt;segment&gt;</c>.</summary>
public static class ArchiveLayout
{
    /// <summary>Before every key of this layout.</summary>
    public const string Root = "archive/v1/";

    /// <summary>After a segment's name: its frames.</summary>
    public const string SegmentSuffix = ".otlp.zst";

    /// <summary>After a segment's name: its manifest. A segment without one does not exist.</summary>
    public const string ManifestSuffix = ".manifest.json";

    /// <summary>After a segment's name: what stands where a chunk was.</summary>
    public const string TombstoneSuffix = ".tombstone.json";

    private const long NanosecondsPerHour = 3_600_000_000_000;

    /// <summary>The folder of a tenant's signal in one hour, with the slash at its end.</summary>
    /// <param name="unixNano">Any moment of that hour (UTC).</param>
    public static string HourPrefix(TenantId tenant, Signal signal, long unixNano)
    {
        var hour = DateTimeOffset.FromUnixTimeSeconds(HourOf(unixNano) * 3600);
        return string.Create(CultureInfo.InvariantCulture, $"{Root}{tenant}/{signal.ToName()}/{hour:yyyy'/'MM'/'dd'/'HH}/");
    }

    /// <summary>Hours since 1970.</summary>
    public static long HourOf(long unixNano) => (unixNano / NanosecondsPerHour) - (unixNano % NanosecondsPerHour < 0 ? 1 : 0);

    /// <summary>The hour's first moment, unix nanoseconds.</summary>
    public static long StartOfHour(long hour) => hour * NanosecondsPerHour;

    /// <summary>The key up to the suffix; null when it does not end with it.</summary>
    public static string? TryGetName(string key, string suffix) => key.EndsWith(suffix, StringComparison.Ordinal) ? key[..^suffix.Length] : null;
}
