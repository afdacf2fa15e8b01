using StellaOps.Telemetry.Profiles.Loading;
using StellaOps.Telemetry.Profiles.Model;

namespace StellaOps.Telemetry.Profiles.Resolving;

/// <summary>
/// Reads a profile with all that it rests on (docs/profiles.md), and judges the whole: parents that <c>extends</c> names, the overlay of an
/// environment, the redaction policy. Every fault of every document is found in one pass, at the place where it stands.
/// </summary>
public static class ProfileResolver
{
    /// <summary>Resolves the profile that stands in <c>NAME.yaml</c>, and has to be called so.</summary>
    /// <param name="overlay">The environment whose overlay lies over it; null for none. One that is named has to be there.</param>
    public static ProfileResolution Resolve(IProfileDocuments documents, string name, string? overlay)
    {
        ArgumentNullException.ThrowIfNull(documents);
        ArgumentNullException.ThrowIfNull(name);
        var faults = new FaultList();
        var reader = new ChainReader(documents, faults);
        var isName = Scalars.Name(name, out _);
        var path = isName ? name + ".yaml" : name;
        if (isName && reader.Open(path) is { } document)
        {
            return Resolve(reader, document, name, overlay, faults);
        }

        faults.Add(
            new DocumentPlace(path, 1, 1),
            "",
            isName ? "there is no such document" : $"'{name}' is not a profile's name",
            isName ? "write it, or name another profile" : $"write {Scalars.NameForm}");
        return new ProfileResolution(null, "", [], [], faults.InOrder());
    }

    /// <summary>Resolves a profile that was found by its path, and may be called as it likes; what it rests on stands in the folder.</summary>
    /// <param name="document">Its path is how faults name it.</param>
    public static ProfileResolution Resolve(IProfileDocuments documents, ProfileDocument document, string? overlay)
    {
        ArgumentNullException.ThrowIfNull(documents);
        ArgumentNullException.ThrowIfNull(document);
        var faults = new FaultList();
        return Resolve(new ChainReader(documents, faults), document, null, overlay, faults);
    }

    private static ProfileResolution Resolve(ChainReader reader, ProfileDocument document, string? name, string? overlay, FaultList faults)
    {
        if (overlay is not null && !Scalars.Name(overlay, out _))
        {
            faults.Add(new DocumentPlace(document.Path, 1, 1), "", $"'{overlay}' is not an environment's name", $"write {Scalars.NameForm}");
            overlay = null;
        }

        var chain = reader.Read(document, name, overlay);
        var (profile, policy) = chain.IsComplete ? Judge(chain, reader, faults) : (null, "");
        return new ProfileResolution(
            faults.IsEmpty ? profile : null, policy, chain.Lineage, reader.Documents, faults.InOrder(reader.Paths));
    }

    private static (Profile Profile, string Policy) Judge(ProfileChain chain, ChainReader reader, FaultList faults)
    {
        var spec = chain.MergedSpec();
        var profile = ProfileJudge.Judge(chain.Parts[0], spec, chain.Lineage, faults);
        if (profile.Redaction is "" or Profile.NoRedaction)
        {
            return (profile, "");
        }

        var path = $"redaction/{profile.Redaction}.yaml";
        if (reader.Open(path) is { } policy)
        {
            PolicyJudge.Judge(policy, profile.Redaction, faults);
            return (profile, policy.Text);
        }

        faults.Add(DocumentPath.PlaceOf(spec, "redaction"), "spec.redaction", $"there is no {path}", "write it, or name another policy");
        return (profile, "");
    }
}
