using System.Globalization;
using StellaOps.Telemetry.Profiles.Gateway;
using StellaOps.Telemetry.Profiles.Model;

namespace StellaOps.Telemetry.Profiles.Diffing;

/// <summary>Values as a profile writes them.</summary>
internal static class Words
{
    public static string Of(TimeSpan value) => ProfileWords.Duration(value);

    public static string Size(long bytes) => ProfileWords.Size(bytes);

    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    public static string Number(double value) => value.ToString("0.################", CultureInfo.InvariantCulture);

    public static string Percent(double value) => Number(value) + " %";

    /// <summary>A share of 1, as percent.</summary>
    public static string Share(double value) => ((decimal)value * 100).ToString("0.##########", CultureInfo.InvariantCulture) + " %";

    public static string Of(bool value) => value ? "true" : "false";

    public static string Name<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    public static string Host(Uri url) => string.Create(CultureInfo.InvariantCulture, $"{url.Host}:{url.Port}");

    /// <summary>An address as it was written, without the slash that parsing adds.</summary>
    public static string Of(Uri url) => url.AbsoluteUri.TrimEnd('/');

    public static string List(IEnumerable<string> items) => string.Join(", ", items);

    public static string StatusCode(int code) => code switch { 0 => "UNSET", 1 => "OK", 2 => "ERROR", _ => Number(code) };

    public static string Of(OtlpProtocol protocol) => protocol == OtlpProtocol.Grpc ? "grpc" : "http/protobuf";
}
