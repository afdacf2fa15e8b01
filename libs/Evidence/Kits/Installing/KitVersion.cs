using System.Globalization;

namespace StellaOps.Telemetry.Evidence.Kits.Installing;

/// <summary>The order of kits: by version as Semantic Versioning has it (https://semver.org/spec/v2.0.0.html#spec-item-11), then by the source's date.</summary>
internal static class KitVersion
{
    public static int Compare(KitManifest a, KitManifest b) =>
        Compare(a.Version, b.Version) is var byVersion and not 0 ? byVersion : a.Source.Date.CompareTo(b.Source.Date);

    public static int Compare(string a, string b)
    {
        var (left, right) = (Split(a), Split(b));
        for (var i = 0; i < Math.Max(left.Numbers.Length, right.Numbers.Length); i++)
        {
            if (CompareParts(left.Numbers.ElementAtOrDefault(i) ?? "0", right.Numbers.ElementAtOrDefault(i) ?? "0") is var order and not 0)
            {
                return order;
            }
        }

        // Without a pre-release part it comes after all that have one.
        if (left.Before.Length == 0 || right.Before.Length == 0)
        {
            return right.Before.Length.CompareTo(left.Before.Length);
        }

        for (var i = 0; i < Math.Min(left.Before.Length, right.Before.Length); i++)
        {
            if (CompareParts(left.Before[i], right.Before[i]) is var order and not 0)
            {
                return order;
            }
        }

        return left.Before.Length.CompareTo(right.Before.Length);
    }

    private static (string[] Numbers, string[] Before) Split(string version)
    {
        var core = version.Split('+')[0];
        var cut = core.IndexOf('-', StringComparison.Ordinal);
        return cut < 0 ? (core.Split('.'), []) : (core[..cut].Split('.'), core[(cut + 1)..].Split('.'));
    }

    private static int CompareParts(string a, string b) =>
        (ulong.TryParse(a, NumberStyles.None, CultureInfo.InvariantCulture, out var x), ulong.TryParse(b, NumberStyles.None, CultureInfo.InvariantCulture, out var y)) switch
        {
            (true, true) => x.CompareTo(y),
            (true, false) => -1,
            (false, true) => 1,
            _ => string.CompareOrdinal(a, b),
        };
}
