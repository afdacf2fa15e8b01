using System.Globalization;

namespace StellaOps.Telemetry.ProfileService.Rollouts;

/// <summary>How many agents each batch has.</summary>
internal static class RolloutBatches
{
    public const int MaxBatches = 100;

    /// <summary>Reads <c>3</c> or <c>10%</c> and says how many of <paramref name="total"/> agents that is: at least one, at most all.</summary>
    public static bool TryReadCanary(string text, int total, out int canary)
    {
        canary = 0;
        var isShare = text.EndsWith('%');
        if (!int.TryParse(isShare ? text.AsSpan(0, text.Length - 1) : text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || number < 1
            || (isShare && number > 100))
        {
            return false;
        }

        canary = Math.Min(total, isShare ? (int)(((long)total * number + 99) / 100) : number);
        return true;
    }

    /// <summary>Sizes, the canary first.</summary>
    /// <param name="batches">How many there are to be; null: each twice the one before.</param>
    public static IReadOnlyList<int> Sizes(int total, int canary, int? batches)
    {
        var sizes = new List<int>();
        var growth = batches is { } count ? Growth(total, canary, count) : 2;
        var wanted = (double)canary;
        for (var left = total; left > 0; wanted *= growth)
        {
            var isLast = sizes.Count + 1 == batches;
            var size = isLast ? left : Math.Min(left, (int)Math.Ceiling(wanted - 1e-6));
            sizes.Add(size);
            left -= size;
        }

        return sizes;
    }

    /// <summary>The factor with which <paramref name="count"/> batches, beginning with the canary, take all: found by halving.</summary>
    private static double Growth(int total, int canary, int count)
    {
        var (low, high) = (1.0, Math.Max(1.0, total));
        for (var i = 0; i < 60; i++)
        {
            var middle = (low + high) / 2;
            var sum = 0.0;
            for (var (batch, size) = (0, (double)canary); batch < count && sum < total; batch++, size *= middle)
            {
                sum += size;
            }

            (low, high) = sum < total ? (middle, high) : (low, middle);
        }

        return high;
    }
}
