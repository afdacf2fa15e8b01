using System.Globalization;

namespace StellaOps.Telemetry.CaptureWorker.Reading;

/// <summary>Sizes for people: <c>12.3 GB</c>, by thousands.</summary>
internal static class ByteText
{
    private static readonly string[] s_units = ["bytes", "kB", "MB", "GB", "TB"];

    public static string Of(double bytes)
    {
        var unit = 0;
        for (; bytes >= 1000 && unit < s_units.Length - 1; unit++)
        {
            bytes /= 1000;
        }

        return bytes.ToString(unit == 0 ? "0" : "0.#", CultureInfo.InvariantCulture) + " " + s_units[unit];
    }
}
