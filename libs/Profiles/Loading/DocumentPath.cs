using System.Globalization;

namespace StellaOps.Telemetry.Profiles.Loading;

/// <summary>Finds where a value such as <c>exporters[1].endpoint</c> stands.</summary>
internal static class DocumentPath
{
    /// <summary>The place of the deepest node on the path that is there.</summary>
    public static DocumentPlace PlaceOf(DocumentNode root, string path)
    {
        var node = root;
        foreach (var step in path.Split('.', '['))
        {
            var next = node switch
            {
                MappingNode mapping => mapping.Find(step),
                SequenceNode list => list.Items.ElementAtOrDefault(int.Parse(step.TrimEnd(']'), NumberStyles.None, CultureInfo.InvariantCulture)),
                _ => null,
            };
            if (next is null)
            {
                break;
            }

            node = next;
        }

        return node.Place;
    }

    /// <summary>The index of the list's entry whose key has the value; negative when there is none.</summary>
    public static int IndexOf(DocumentNode root, string list, string key, string value)
    {
        var items = root is MappingNode mapping && mapping.Find(list) is SequenceNode sequence ? sequence.Items : [];
        return items.ToList().FindIndex(i => i is MappingNode entry && entry.Find(key) is ScalarNode scalar && scalar.Text == value);
    }
}
