using StellaOps.Telemetry.Profiles.Model;
using StellaOps.Telemetry.Profiles.Resolving;

namespace StellaOps.Telemetry.Profiles.Loading;

/// <summary>One document of those that make a profile: what it says itself.</summary>
/// <param name="Extends">The parent; null without one.</param>
/// <param name="ExtendsPlace">Where the parent is named, lawfully or not; null where none is.</param>
internal sealed record ProfilePart(string Name, string Description, string? Extends, DocumentPlace? ExtendsPlace, MappingNode Spec)
{
    /// <summary>The <c>kind</c> of what an environment changes.</summary>
    public const string OverlayKind = "ProfileOverlay";

    /// <summary>Reads a document, and judges each of its values by itself; null, with a fault, when nothing can be said of its content.</summary>
    /// <param name="expectedName">The name that the document's path gives it; null where the path gives none.</param>
    public static ProfilePart? Read(ProfileDocument document, string kind, string? expectedName, FaultList faults)
    {
        if (DocumentHead.Root(document.Text, document.Path, faults) is not { } mapping)
        {
            return null;
        }

        var root = new YamlSection(faults, "", mapping);
        if (!DocumentHead.IsOf(root, kind))
        {
            return null;
        }

        var metadata = root.Section("metadata");
        var name = DocumentHead.Name(metadata);
        var description = metadata.Read("description", Scalars.Text, "a text", "");
        metadata.Done();
        if (name.Length > 0 && expectedName is not null && name != expectedName)
        {
            metadata.Fault("name", $"'{name}' stands in {document.Path}", $"write 'name: {expectedName}', or rename the file");
        }

        var extends = kind == Profile.Kind ? root.Read<string?>("extends", ParentName, "the name of a profile such as forensic", null) : null;
        _ = root.Section("spec");
        root.Done();
        var part = new ProfilePart(
            name,
            description,
            extends,
            kind == Profile.Kind ? mapping.Find("extends")?.Place : null,
            mapping.Find("spec") as MappingNode ?? new MappingNode(mapping.Place, []));
        part.JudgeValues(faults);
        return part;
    }

    private void JudgeValues(FaultList faults)
    {
        var own = new FaultList(isPartial: true);
        ProfileReader.Read(Name, Description, new YamlSection(own, "spec", Spec));
        faults.AddAll(own);
    }

    private static bool ParentName(string text, out string? value)
    {
        var isName = Scalars.Name(text, out var name);
        value = name;
        return isName;
    }
}
