using System.Collections;

namespace StellaOps.Telemetry.Profiles.Rendering.Yaml;

/// <summary>
/// A mapping to be written, keys in the order they were added. Values are texts, truth values, whole numbers, doubles, mappings, and lists of these.
/// A value of null leaves its key out.
/// </summary>
internal sealed class YamlMap : IEnumerable<KeyValuePair<string, object>>
{
    private readonly List<KeyValuePair<string, object>> _entries = [];

    public int Count => _entries.Count;

    public void Add(string key, object? value)
    {
        if (value is not null)
        {
            _entries.Add(new(key, value));
        }
    }

    public IEnumerator<KeyValuePair<string, object>> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
