using StellaOps.Telemetry.Profiles.Model;

namespace StellaOps.Telemetry.Profiles.Loading;

/// <summary>What a document of any kind begins with: <c>apiVersion</c>, <c>kind</c> and <c>metadata.name</c>.</summary>
internal static class DocumentHead
{
    /// <summary>The whole document; null, with a fault, when nothing can be said of its content.</summary>
    public static MappingNode? Root(string text, string file, FaultList faults)
    {
        var node = DocumentParser.Parse(text, file, faults);
        if (node is not null and not MappingNode)
        {
            faults.Add(node.Place, "", "not a mapping", $"begin with 'apiVersion: {Profile.ApiVersion}'");
        }

        return node as MappingNode;
    }

    /// <summary>Whether the document is of this kind; with a fault when it is not.</summary>
    public static bool IsOf(YamlSection root, string kind)
    {
        root.Require("apiVersion", Scalars.OneOf((Profile.ApiVersion, true)), Profile.ApiVersion, true);
        return root.Require("kind", Scalars.OneOf((kind, true)), kind, false);
    }

    /// <summary>The name; empty, with a fault, when it has none.</summary>
    public static string Name(YamlSection metadata) => metadata.Require("name", Scalars.Name, Scalars.NameForm, "");
}
