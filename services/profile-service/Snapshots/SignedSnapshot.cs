using System.Globalization;

namespace StellaOps.Telemetry.ProfileService.Snapshots;

/// <summary>A version of the snapshot as a DSSE envelope.</summary>
internal sealed record SignedSnapshot(long Version, byte[] Envelope)
{
    public string ETag => string.Create(CultureInfo.InvariantCulture, $"\"{Version}\"");
}
