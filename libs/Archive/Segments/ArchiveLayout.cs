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

    /// <summary>Among a tenant's signals, the folder of its day roots.</summary>
    public const string RootsFolder = "roots";

    /// <summary>After a root's number: the document. A root without one does not exist.</summary>
    public const string RootSuffix = ".root.json";

    /// <summary>After a root's number: its attestation.</summary>
    public const string RootAttestationSuffix = ".root.sigstore.json";

    /// <summary>After a root's number: the list of its leaves.</summary>
    public const string RootLeavesSuffix = ".leaves.txt";

    private const long NanosecondsPerHour = 3_600_000_000_000;

    /// <summary>The folder of a tenant's signal in one hour, with the slash at its end.</summary>
    /// <param name="unixNano">Any moment of that hour (UTC).</param>
    public static string HourPrefix(TenantId tenant, Signal signal, long unixNano)
    {
        var hour = DateTimeOffset.FromUnixTimeSeconds(HourOf(unixNano) * 3600);
        return string.Create(CultureInfo.InvariantCulture, $"{Root}{tenant}/{signal.ToName()}/{hour:yyyy'/'MM'/'dd'/'HH}/");
    }

    /// <summary>A tenant's folder, with the slash at its end.</summary>
    public static string TenantPrefix(TenantId tenant) => $"{Root}{tenant}/";

    /// <summary>The folder of a tenant's signal on one day (UTC), with the slash at its end.</summary>
    public static string DayPrefix(TenantId tenant, Signal signal, DateOnly day) =>
        string.Create(CultureInfo.InvariantCulture, $"{Root}{tenant}/{signal.ToName()}/{day:yyyy'/'MM'/'dd}/");

    /// <summary>The folder of a tenant's day roots, with the slash at its end.</summary>
    public static string RootsPrefix(TenantId tenant) => $"{Root}{tenant}/{RootsFolder}/";

    /// <summary>Where a root's document, attestation or list of leaves stands: <c>archive/v1/&lt;tenant&gt;/roots/&lt;number, 10 digits&gt;&lt;suffix&gt;</c>.</summary>
    public static string RootKey(TenantId tenant, long number, string suffix) =>
        string.Create(CultureInfo.InvariantCulture, $"{Root}{tenant}/{RootsFolder}/{number:d10}{suffix}");

    /// <summary>Hours since 1970.</summary>
    public static long HourOf(long unixNano) => (unixNano / NanosecondsPerHour) - (unixNano % NanosecondsPerHour < 0 ? 1 : 0);

    /// <summary>The hour's first moment, unix nanoseconds.</summary>
    public static long StartOfHour(long hour) => hour * NanosecondsPerHour;

    /// <summary>The day (UTC) of a moment.</summary>
    public static DateOnly DayOf(long unixNano) => DateOnly.FromDateTime(DateTimeOffset.FromUnixTimeSeconds(HourOf(unixNano) * 3600).UtcDateTime);

    /// <summary>The key up to the suffix; null when it does not end with it.</summary>
    public static string? TryGetName(string key, string suffix) => key.EndsWith(suffix, StringComparison.Ordinal) ? key[..^suffix.Length] : null;
}
