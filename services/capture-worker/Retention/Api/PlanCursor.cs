using System.Buffers.Text;
using System.Globalization;
using System.Text;
using StellaOps.Telemetry.CaptureWorker.Jobs;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.CaptureWorker.Retention.Api;

/// <summary>Where a page of a plan ended, and which moments it was made for: <c>base64url("&lt;as of&gt; &lt;until&gt; &lt;tenant&gt; &lt;hour&gt; &lt;rows of that hour&gt;")</c>, times as unix nanoseconds.</summary>
internal sealed record PlanCursor(long AsOf, long Until, TenantId Tenant, long Hour, int Rows)
{
    public override string ToString() =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{AsOf} {Until} {Tenant} {Hour} {Rows}")));

    public static bool TryParse(string text, out PlanCursor cursor)
    {
        cursor = null!;
        if (text.Length > 512 || !Base64Url.IsValid(text))
        {
            return false;
        }

        var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split(' ');
        if (parts.Length != 5 || !IsMoment(parts[0], out var asOf) || !IsMoment(parts[1], out var until) || until < asOf || !TenantId.TryParse(parts[2], out var tenant)
            || !IsMoment(parts[3], out var hour) || !int.TryParse(parts[4], NumberStyles.None, CultureInfo.InvariantCulture, out var rows))
        {
            return false;
        }

        cursor = new PlanCursor(asOf, until, tenant, hour, rows);
        return true;
    }

    private static bool IsMoment(string text, out long nanoseconds) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out nanoseconds) && nanoseconds <= UnixNano.Of(UnixNano.LastDay);
}
