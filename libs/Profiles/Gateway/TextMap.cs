using System.Collections.ObjectModel;

namespace StellaOps.Telemetry.Profiles.Gateway;

/// <summary>Texts by key; equal to another with the same content, so that settings which say the same are the same.</summary>
public sealed class TextMap(IReadOnlyDictionary<string, string> content)
    : ReadOnlyDictionary<string, string>(new SortedDictionary<string, string>(content.ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal)), IEquatable<TextMap>
{
    /// <summary>Without a key. (The base has one that is equal to no other.)</summary>
    public static new TextMap Empty { get; } = new(new Dictionary<string, string>());

    /// <inheritdoc/>
    public bool Equals(TextMap? other) => other is not null && this.SequenceEqual(other);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as TextMap);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var (key, value) in this)
        {
            hash.Add(key, StringComparer.Ordinal);
            hash.Add(value, StringComparer.Ordinal);
        }

        return hash.ToHashCode();
    }
}
