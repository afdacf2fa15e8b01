namespace StellaOps.Telemetry.Profiles.Hashing;

/// <summary>Keys in ordinal order with values that <see cref="ProfileHash"/> can write.</summary>
internal static class CanonicalMap
{
    public static SortedDictionary<string, object?> Of(params ReadOnlySpan<(string Key, object? Value)> entries)
    {
        var map = new SortedDictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (key, value) in entries)
        {
            map.Add(key, value);
        }

        return map;
    }

    /// <summary>What came after the first version is written only where it is not the default: the hash of an approved profile outlives an upgrade.</summary>
    public static SortedDictionary<string, object?> AddUnless(this SortedDictionary<string, object?> map, bool isDefault, string key, object? value)
    {
        if (!isDefault)
        {
            map.Add(key, value);
        }

        return map;
    }

    public static string Name<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
