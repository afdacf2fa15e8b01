namespace StellaOps.Telemetry.Profiles.Loading;

/// <summary>What whoever wrote a key that is not known may have meant.</summary>
internal static class UnknownKeys
{
    private const int MaxCompared = 64;

    /// <summary>The nearest of the known keys when it is near, else all of them.</summary>
    public static string FixOf(string key, IReadOnlyCollection<string> known)
    {
        var nearest = known.Where(k => k.Length > 1).MinBy(k => Distance(k, key));
        return nearest is not null && Distance(nearest, key) <= 2
            ? $"did you mean '{nearest}'?"
            : known.Count == 0 ? "remove it: nothing may stand here" : $"remove it, or use one of: {string.Join(", ", known.Order(StringComparer.Ordinal))}";
    }

    /// <summary>Levenshtein; both are keys, so short.</summary>
    private static int Distance(string a, string b)
    {
        if (a.Length > MaxCompared || b.Length > MaxCompared)
        {
            return int.MaxValue;
        }

        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[b.Length];
    }
}
