namespace StellaOps.Telemetry.Profiles.Loading;

/// <summary>Lays a newer mapping over an older one: mappings merge key by key, everything else replaces, null takes away.</summary>
internal static class DocumentMerge
{
    public static MappingNode Over(MappingNode older, MappingNode newer)
    {
        var entries = older.Entries.ToList();
        foreach (var entry in newer.Entries)
        {
            var at = entries.FindIndex(e => e.Key == entry.Key);
            var next = at >= 0 && (entries[at].Value, entry.Value) is (MappingNode below, MappingNode above)
                ? entry with { Value = Over(below, above) }
                : entry;
            if (at < 0)
            {
                entries.Add(next);
            }
            else
            {
                entries[at] = next;
            }
        }

        return new MappingNode(newer.Place, entries);
    }
}
