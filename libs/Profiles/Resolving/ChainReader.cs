using StellaOps.Telemetry.Profiles.Loading;
using StellaOps.Telemetry.Profiles.Model;

namespace StellaOps.Telemetry.Profiles.Resolving;

/// <summary>Reads a profile, its parents and its overlay, and remembers every document that it read.</summary>
internal sealed class ChainReader(IProfileDocuments documents, FaultList faults)
{
    /// <summary>The profile and its parents.</summary>
    public const int MaxChain = 8;

    private readonly Dictionary<string, ProfileDocument> _read = new(StringComparer.Ordinal);

    /// <summary>All that were read, ordinal by path.</summary>
    public IReadOnlyList<ProfileDocument> Documents => [.. _read.Values.OrderBy(d => d.Path, StringComparer.Ordinal)];

    /// <summary>Paths in the order in which they were read.</summary>
    public IReadOnlyList<string> Paths => [.. _read.Keys];

    /// <summary>A document of the folder; null when there is none.</summary>
    public ProfileDocument? Open(string path) => documents.Read(path) is { } text ? Keep(new ProfileDocument(path, text)) : null;

    public ProfileDocument Keep(ProfileDocument document) => _read[document.Path] = document;

    /// <summary>The profile first; ends early, with a fault, where the chain is broken.</summary>
    public ProfileChain Read(ProfileDocument first, string? expectedName, string? overlay)
    {
        var (parts, lineage, isComplete) = (new List<ProfilePart>(), new List<string>(), true);
        var (document, expected) = ((ProfileDocument?)Keep(first), expectedName);
        while (document is not null)
        {
            if (ProfilePart.Read(document, Profile.Kind, expected, faults) is not { } part)
            {
                isComplete = false;
                break;
            }

            parts.Add(part);
            lineage.Add(expected ?? part.Name);
            (expected, document) = (part.Extends, part.Extends is null ? null : Parent(part, lineage));
            isComplete = document is null ? part.ExtendsPlace is null : isComplete;
        }

        var above = overlay is null ? null : Overlay(lineage.FirstOrDefault() ?? expectedName, overlay);
        return new ProfileChain(parts, lineage, above, isComplete && (overlay is null || above is not null));
    }

    private ProfileDocument? Parent(ProfilePart part, List<string> lineage)
    {
        var (parent, place) = (part.Extends!, part.ExtendsPlace!.Value);
        if (lineage.Contains(parent))
        {
            faults.Add(place, "extends", $"goes round in a circle: {string.Join(" -> ", lineage.Append(parent))}", "remove this line, or name a profile that does not inherit from this one");
            return null;
        }

        if (lineage.Count == MaxChain)
        {
            faults.Add(place, "extends", $"more than {MaxChain} profiles inherit from each other: {string.Join(" -> ", lineage)}", "let one of them name an older parent");
            return null;
        }

        var document = Open(parent + ".yaml");
        if (document is null)
        {
            faults.Add(place, "extends", $"there is no {parent}.yaml", "write it, or name another profile");
        }

        return document;
    }

    private ProfilePart? Overlay(string? name, string environment)
    {
        if (string.IsNullOrEmpty(name))
        {
            return null;
        }

        var path = $"overlays/{environment}/{name}.yaml";
        if (Open(path) is { } document)
        {
            return ProfilePart.Read(document, ProfilePart.OverlayKind, name, faults);
        }

        faults.Add(new DocumentPlace(path, 1, 1), "", $"'{environment}' has no overlay for '{name}'", $"write it with 'kind: {ProfilePart.OverlayKind}', or ask for no overlay");
        return null;
    }
}
