using System.Buffers.Text;
using System.Globalization;
using System.Text;
using StellaOps.Telemetry.CaptureWorker.Jobs;

namespace StellaOps.Telemetry.CaptureWorker.Api;

/// <summary>Where a page of jobs ended: <c>base64url("&lt;ticks of requested-at&gt; &lt;id&gt;")</c>.</summary>
internal static class CaptureCursor
{
    public static string Of(CaptureJob job) =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{job.RequestedAt.UtcTicks} {job.Id}")));

    public static bool TryParse(string cursor, out (DateTimeOffset At, string Id) position)
    {
        position = default;
        if (!Base64Url.IsValid(cursor))
        {
            return false;
        }

        var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor)).Split(' ', 2);
        if (parts.Length != 2 || !long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) || ticks > DateTime.MaxValue.Ticks)
        {
            return false;
        }

        position = (new DateTimeOffset(ticks, TimeSpan.Zero), parts[1]);
        return true;
    }
}
