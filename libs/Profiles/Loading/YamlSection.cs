using YamlDotNet.RepresentationModel;

namespace StellaOps.Telemetry.Profiles.Loading;

/// <summary>Reads a scalar; false when it is not one of the kind.</summary>
internal delegate bool ScalarParser<T>(string text, out T value);

/// <summary>
/// One mapping of the document. A key that is absent gives the default, or a fault when there is none; a key that nobody asked for is a fault,
/// because a misspelt setting that silently does nothing is the worst kind.
/// </summary>
internal sealed class YamlSection(FaultList faults, string path, YamlMappingNode node, YamlNode? standsAt = null)
{
    private readonly Dictionary<string, YamlNode> _children = node.Children
        .Where(c => c.Key is YamlScalarNode { Value: not null })
        .GroupBy(c => ((YamlScalarNode)c.Key).Value!, StringComparer.Ordinal)
        .ToDictionary(g => g.Key, g => g.First().Value, StringComparer.Ordinal);

    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    /// <summary>The keys that are there, where they are free.</summary>
    public IReadOnlyCollection<string> Keys => _children.Keys;

    public YamlNode? Find(string key)
    {
        _asked.Add(key);
        return _children.GetValueOrDefault(key);
    }

    /// <summary>Where a fault of this key stands: the value, or the section when it is absent.</summary>
    public YamlNode Place(string key) => _children.GetValueOrDefault(key) ?? standsAt ?? node;

    public string PathOf(string key) => path.Length == 0 ? key : $"{path}.{key}";

    public void Fault(string key, string problem, string fix) => faults.Add(Place(key), PathOf(key), problem, fix);

    /// <summary>A fault of one entry of a list.</summary>
    public void FaultEntry(string key, int index, string problem, string fix) =>
        faults.Add(Find(key) is YamlSequenceNode list && index < list.Children.Count ? list.Children[index] : Place(key), $"{PathOf(key)}[{index}]", problem, fix);

    /// <summary>A required scalar.</summary>
    public T Require<T>(string key, ScalarParser<T> parser, string expected, T standIn)
    {
        if (Find(key) is null)
        {
            Fault(key, "missing", $"write '{key}: {expected}'");
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
            case YamlScalarNode { Value: { } text } when parser(text, out var value):
                return value;
            case YamlScalarNode { Value: var text }:
                Fault(key, $"'{text}' is not allowed here", $"write {expected}");
                return fallback;
            default:
                Fault(key, "not a single value", $"write {expected}");
                return fallback;
        }
    }

    /// <summary>An optional nested mapping; an empty one, placed at its parent, stands in for an absent one.</summary>
    public YamlSection Section(string key)
    {
        switch (Find(key))
        {
            case YamlMappingNode mapping:
                return new YamlSection(faults, PathOf(key), mapping);
            case null:
                break;
            default:
                Fault(key, "not a mapping", $"write the keys of '{key}' below it, indented");
                break;
        }

        return new YamlSection(faults, PathOf(key), [], Place(key));
    }

    /// <summary>A list of mappings.</summary>
    public IReadOnlyList<YamlSection> Sections(string key)
    {
        if (Find(key) is not YamlSequenceNode list)
        {
            if (Find(key) is not null)
            {
                Fault(key, "not a list", "begin each entry with '- '");
            }

            return [];
        }

        var sections = new List<YamlSection>();
        for (var i = 0; i < list.Children.Count; i++)
        {
            if (list.Children[i] is YamlMappingNode mapping)
            {
                sections.Add(new YamlSection(faults, $"{PathOf(key)}[{i}]", mapping));
            }
            else
            {
                faults.Add(list.Children[i], $"{PathOf(key)}[{i}]", "not a mapping", "write 'key: value' pairs");
            }
        }

        return sections;
    }

    /// <summary>A list of scalars.</summary>
    public IReadOnlyList<T> List<T>(string key, ScalarParser<T> parser, string expected)
    {
        if (Find(key) is not YamlSequenceNode list)
        {
            if (Find(key) is not null)
            {
                Fault(key, "not a list", $"write [{expected}, ...]");
            }

            return [];
        }

        var values = new List<T>();
        for (var i = 0; i < list.Children.Count; i++)
        {
            if (list.Children[i] is YamlScalarNode { Value: { } text } && parser(text, out var value))
            {
                values.Add(value);
            }
            else
            {
                faults.Add(list.Children[i], $"{PathOf(key)}[{i}]", $"'{list.Children[i]}' is not allowed here", $"write {expected}");
            }
        }

        return values;
    }

    /// <summary>Faults every key that nobody asked for.</summary>
    public void Done()
    {
        foreach (var (key, _) in node.Children)
        {
            var name = (key as YamlScalarNode)?.Value ?? key.ToString();
            if (!_asked.Contains(name))
            {
                var nearest = _asked.Where(a => a.Length > 1).MinBy(a => Distance(a, name));
                var fix = nearest is not null && Distance(nearest, name) <= 2
                    ? $"did you mean '{nearest}'?"
                    : $"remove it, or use one of: {string.Join(", ", _asked.Order(StringComparer.Ordinal))}";
                faults.Add(key, PathOf(name), "unknown key", fix);
            }
        }
    }

    /// <summary>Levenshtein; both are keys, so short.</summary>
    private static int Distance(string a, string b)
    {
        if (a.Length > 64 || b.Length > 64)
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
