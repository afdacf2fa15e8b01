namespace StellaOps.Telemetry.Profiles.Loading;

/// <summary>Reads a scalar; false when it is not one of the kind.</summary>
internal delegate bool ScalarParser<T>(string text, out T value);

/// <summary>
/// One mapping of the document. A key that is absent gives the default, or a fault when there is none; a key that nobody asked for is a fault,
/// because a misspelt setting that silently does nothing is the worst kind.
/// </summary>
/// <param name="standsAt">Where an absent section would stand.</param>
/// <param name="isWhole">What stands here is all there is, since lists are replaced and not merged.</param>
internal sealed class YamlSection(FaultList faults, string path, MappingNode node, DocumentPlace? standsAt = null, bool isWhole = false)
{
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    /// <summary>The keys that are there, where they are free.</summary>
    public IEnumerable<string> Keys => node.Entries.Where(e => e.Value is not NullNode).Select(e => e.Key);

    private bool IsPartial => faults.IsPartial && !isWhole;

    public DocumentNode? Find(string key)
    {
        _asked.Add(key);
        return node.Find(key);
    }

    /// <summary>Where a fault of this key stands: the value, or the section when it is absent.</summary>
    public DocumentPlace Place(string key) => node.Find(key)?.Place ?? standsAt ?? node.Place;

    public string PathOf(string key) => path.Length == 0 ? key : $"{path}.{key}";

    /// <summary>The value is wrong by itself, whatever else the profile says.</summary>
    public void Fault(string key, string problem, string fix) => faults.Add(Place(key), PathOf(key), problem, fix);

    /// <summary>The same of one entry of a list.</summary>
    public void FaultEntry(string key, int index, string problem, string fix) => faults.Add(
        node.Find(key) is SequenceNode list && index < list.Items.Count ? list.Items[index].Place : Place(key), $"{PathOf(key)}[{index}]", problem, fix);

    /// <summary>Something is missing, or does not go together with something else: judged where all of it is there.</summary>
    public void Conflict(string key, string problem, string fix)
    {
        if (!IsPartial)
        {
            Fault(key, problem, fix);
        }
    }

    /// <summary>A required scalar.</summary>
    public T Require<T>(string key, ScalarParser<T> parser, string expected, T standIn)
    {
        if (Find(key) is null)
        {
            Conflict(key, "missing", $"write '{key}: {expected}'");
            return standIn;
        }

        return Read(key, parser, expected, standIn);
    }

    /// <summary>An optional scalar.</summary>
    public T Read<T>(string key, ScalarParser<T> parser, string expected, T fallback)
    {
        switch (Find(key))
        {
            case null:
                return fallback;
            case ScalarNode scalar when parser(scalar.Text, out var value):
                return value;
            case ScalarNode { Text: "", IsQuoted: false }:
                Fault(key, "has no value", $"write {expected}, or null for the default");
                return fallback;
            case ScalarNode scalar:
                Fault(key, $"'{scalar.Text}' is not allowed here", $"write {expected}");
                return fallback;
            default:
                Fault(key, "not a single value", $"write {expected}");
                return fallback;
        }
    }

    /// <summary>An optional scalar that has no default.</summary>
    public T? Optional<T>(string key, ScalarParser<T> parser, string expected)
        where T : struct => Find(key) is null ? null : Read(key, parser, expected, default(T));

    /// <summary>The size of a buffer, in bytes: above 0, at most <paramref name="max"/>, and never without a bound.</summary>
    public long Buffer(string key, long fallback, long max)
    {
        if (Find(key) is ScalarNode scalar && Scalars.IsUnbounded(scalar.Text))
        {
            Fault(key, $"'{scalar.Text}' would leave a buffer without a bound", "write a size such as 4GiB: a buffer that is full makes senders wait, one without a bound takes the machine down");
            return fallback;
        }

        var size = Read(key, Scalars.Size, "a size such as 64MiB or 1GiB", fallback);
        if (size > max)
        {
            Fault(key, $"{size} bytes is above {max}, and so as good as no bound", "lower it to what the machine has");
        }

        return size;
    }

    /// <summary>An optional nested mapping; an empty one, placed at its parent, stands in for an absent one.</summary>
    public YamlSection Section(string key)
    {
        switch (Find(key))
        {
            case MappingNode mapping:
                return new YamlSection(faults, PathOf(key), mapping, isWhole: isWhole);
            case null:
                break;
            default:
                Fault(key, "not a mapping", $"write the keys of '{key}' below it, indented");
                break;
        }

        var place = Place(key);
        return new YamlSection(faults, PathOf(key), new MappingNode(place, []), place, isWhole);
    }

    /// <summary>A list of mappings.</summary>
    public IReadOnlyList<YamlSection> Sections(string key)
    {
        var sections = new List<YamlSection>();
        foreach (var (index, item) in Items(key, "begin each entry with '- '").Index())
        {
            if (item is MappingNode mapping)
            {
                sections.Add(new YamlSection(faults, $"{PathOf(key)}[{index}]", mapping, isWhole: true));
            }
            else
            {
                FaultEntry(key, index, "not a mapping", "write 'key: value' pairs");
            }
        }

        return sections;
    }

    /// <summary>A list of scalars; those that are wrong are left out.</summary>
    public IReadOnlyList<T> List<T>(string key, ScalarParser<T> parser, string expected)
    {
        var values = new List<T>();
        foreach (var (index, item) in Items(key, $"write [{expected}, ...]").Index())
        {
            if (item is ScalarNode scalar && parser(scalar.Text, out var value))
            {
                values.Add(value);
            }
            else
            {
                FaultEntry(key, index, item is ScalarNode { Text: var text } ? $"'{text}' is not allowed here" : "not a single value", $"write {expected}");
            }
        }

        return values;
    }

    /// <summary>Faults every key that nobody asked for.</summary>
    public void Done()
    {
        foreach (var entry in node.Entries.Where(e => !_asked.Contains(e.Key)))
        {
            faults.Add(entry.KeyPlace, PathOf(entry.Key), "unknown key", UnknownKeys.FixOf(entry.Key, _asked));
        }
    }

    private IReadOnlyList<DocumentNode> Items(string key, string fix)
    {
        switch (Find(key))
        {
            case SequenceNode list:
                return list.Items;
            case null:
                return [];
            default:
                Fault(key, "not a list", fix);
                return [];
        }
    }
}
