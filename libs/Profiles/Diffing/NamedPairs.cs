namespace StellaOps.Telemetry.Profiles.Diffing;

/// <summary>Pairs what two lists name: by name first, then what says the same under another name, so that a new name is no loss and no gain.</summary>
internal static class NamedPairs
{
    /// <summary>Pairs in the order of the second list, then those that are gone in the order of the first.</summary>
    /// <param name="sameButName">Whether two with different names say the same otherwise.</param>
    public static IEnumerable<(T? Before, T? After)> Of<T>(IReadOnlyList<T> before, IReadOnlyList<T> after, Func<T, string> name, Func<T, T, bool> sameButName)
        where T : class
    {
        var gone = before.Where(b => after.All(a => name(a) != name(b))).ToList();
        foreach (var now in after)
        {
            var was = before.FirstOrDefault(b => name(b) == name(now)) ?? gone.FirstOrDefault(b => sameButName(b, now));
            if (was is not null)
            {
                gone.Remove(was);
            }

            yield return (was, now);
        }

        foreach (var was in gone)
        {
            yield return (was, null);
        }
    }
}
